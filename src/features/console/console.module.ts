import { Module } from '@nestjs/common';
import { ConsoleController } from './console.controller.js';
import { ConsoleFiles } from './console-files.js';
import { MeController } from './me.controller.js';
import { SignIn } from './sign-in.js';

@Module({ controllers: [ConsoleController, MeController], providers: [ConsoleFiles, SignIn] })
export class ConsoleModule {}
