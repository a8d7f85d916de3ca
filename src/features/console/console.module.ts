import { Module } from '@nestjs/common';
import { ConfigurationController } from './configuration.controller.js';
import { ConsoleController } from './console.controller.js';
import { ConsoleFiles } from './console-files.js';
import { MeController } from './me.controller.js';
import { SignIn } from './sign-in.js';

@Module({
  controllers: [ConsoleController, MeController, ConfigurationController],
  providers: [ConsoleFiles, SignIn],
})
export class ConsoleModule {}
