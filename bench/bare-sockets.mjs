// What events over sockets are measured against: Socket.IO alone, which passes on what the same Redis stream gets.
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

const http = createServer((_request, response) => response.end('ok'));
const sockets = new Server(http, { path: '/ws', transports: ['websocket'], perMessageDeflate: false });
await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
process.stderr.write(`listens on http://127.0.0.1:${http.address().port}\n`);
process.on('SIGTERM', () => process.exit(0));

const redis = new Redis(process.env.BARE_REDIS_URL, { maxRetriesPerRequest: null });
for (let last = '$'; ;) {
  const found = await redis.xread('COUNT', 500, 'BLOCK', 5000, 'STREAMS', 'docent:events', last);
  for (const [id, fields] of found?.[0]?.[1] ?? []) {
    last = id;
    sockets.emit('notification', { id, ...JSON.parse(fields[3]) });
  }
}
