// Loaded before one worker: its clock is an hour ahead of everybody else's.
const hour = 3_600_000;
const now = Date.now;
Date.now = () => now() + hour;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now() + hour] : args, newTarget),
});
