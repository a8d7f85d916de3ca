import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Connections } from './connections.js';
import { EventStreams } from './event-streams.js';
import { FanOut } from './fan-out.js';
import { RealtimeController } from './realtime.controller.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { PlainSockets } from './plain-sockets.js';
import { SocketAdmission } from './socket-admission.js';
import { SocketRequests } from './socket-requests.js';
import { SocketSessions } from './socket-sessions.js';
import { TaskLookup } from './task-lookup.js';

@Module({
  imports: [AuthModule],
  controllers: [RealtimeController],
  providers: [
    Connections,
    EventStreams,
    FanOut,
    PlainSockets,
    RealtimeGateway,
    SocketAdmission,
    SocketRequests,
    SocketSessions,
    TaskLookup,
  ],
})
export class RealtimeModule {}
