import { Module } from '@nestjs/common';
import { TokenMeter } from './token-meter.js';

/** Needs Database from the global platform module. */
@Module({ providers: [TokenMeter], exports: [TokenMeter] })
export class UsageModule {}
