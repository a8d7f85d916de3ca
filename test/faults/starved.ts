import { availableParallelism, loadavg } from 'node:os';

const mostPerCore = 3;

/** True when others keep the machine so busy that a late answer says nothing about the service. */
export const isStarved = (): boolean => (loadavg()[0] ?? 0) > mostPerCore * availableParallelism();
