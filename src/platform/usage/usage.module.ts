import { Module } from '@nestjs/common';
import { ActivityMeter } from './activity-meter.js';
import { TokenMeter } from './token-meter.js';

/** Needs Database from the global platform module. */
@Module({ providers: [ActivityMeter, TokenMeter], exports: [ActivityMeter, TokenMeter] })
export class UsageModule {}
