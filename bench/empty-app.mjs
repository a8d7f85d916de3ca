// What the boot is measured against: Nest on Fastify with the same plugins and one route.
import 'reflect-metadata';
import multipart from '@fastify/multipart';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import '@nestjs/swagger';
import '@nestjs/terminus';
import '@nestjs/throttler';
import '@nestjs/websockets';
import '@willsoto/nestjs-prometheus';
import 'nestjs-pino';
import 'socket.io';
import 'zod';

class Live {
  live() {
    return { status: 'ok' };
  }
}
Reflect.decorate(
  [Get('health/live')],
  Live.prototype,
  'live',
  Object.getOwnPropertyDescriptor(Live.prototype, 'live'),
);
Reflect.decorate([Controller()], Live);
class Root {}
Reflect.decorate([Module({ controllers: [Live] })], Root);

const app = await NestFactory.create(Root, new FastifyAdapter(), { logger: false });
const fastify = app.getHttpAdapter().getInstance();
await fastify.register(multipart);
app.useWebSocketAdapter(new IoAdapter(app));
await app.listen(0, '127.0.0.1');
process.stderr.write(`listens on http://127.0.0.1:${fastify.server.address().port}\n`);
process.on('SIGTERM', () => process.exit(0));
