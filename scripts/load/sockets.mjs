import { io } from 'socket.io-client';

/**
 * Opens `count` sockets, at most `atOnce` handshakes under way. @returns
 * the open ones, the milliseconds each took, and refusals by reason
 */
export async function openSockets({ url, token }, count, atOnce = 50) {
  const open = [];
  const times = [];
  const refused = {};
  let next = 0;
  const one = async () => {
    while (next < count) {
      next += 1;
      const begun = performance.now();
      const socket = io(url, {
        path: '/ws',
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        timeout: 10_000,
        ...(token && { auth: { token } }),
      });
      const problem = await new Promise((done) => {
        socket.once('connect', () => done(null));
        socket.once('connect_error', (error) => done(error.data?.code ?? error.message));
      });
      if (problem) {
        refused[problem] = (refused[problem] ?? 0) + 1;
        socket.close();
      } else {
        open.push(socket);
        times.push(performance.now() - begun);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, one));
  return { open, times, refused };
}
