import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { chatChunks, type ChatScript } from './answers.js';
import type { Misbehaviour, PlainAnswer } from './faults.js';
import type { RequestBody } from './protocol.js';

/** Puts an answer on the wire, in the way a fault wants it. */
export class Delivery {
  private readonly closed: Promise<void>;

  constructor(private readonly response: ServerResponse) {
    this.closed = new Promise((resolve) => response.once('close', resolve));
  }

  async plain({ status, headers, body }: PlainAnswer): Promise<void> {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  }

  json(answer: unknown, fault: Misbehaviour | undefined): Promise<void> {
    return this.text(JSON.stringify(answer), fault);
  }

  async text(text: string, fault: Misbehaviour | undefined): Promise<void> {
    const { response } = this;
    switch (fault?.kind) {
      case 'hang':
        return;
      case 'reset':
        return this.reset();
      case 'reset_midway':
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        });
        response.write(text.slice(0, text.length / 2));
        return this.resetAfterReading();
      case 'truncated_json':
        return this.plain({ status: 200, body: text.slice(0, text.length / 2) });
      case 'slow_drip':
        return this.drip(text, fault.bytes ?? 1, fault.intervalMs ?? 50);
      case 'endless':
        return this.pour(fault.intervalMs ?? 0);
      default:
        return this.plain({ status: 200, body: text });
    }
  }

  /** A streamed chat answer, as server-sent events. */
  async stream(body: RequestBody, script: ChatScript, fault: Misbehaviour | undefined): Promise<void> {
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') return this.reset();
    this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    let pieces = 0;
    for (const event of chatChunks(body, script)) {
      if (fault && (await this.disturb(event, pieces - 1, fault))) return;
      await this.write(`data: ${JSON.stringify(event)}\n\n`);
      pieces += 1;
      if (script.pieceDelayMs) await delay(script.pieceDelayMs);
      if (this.response.destroyed) return;
    }
    this.response.end('data: [DONE]\n\n');
  }

  /** Applies a fault of the stream once its moment has come; true ends the regular answer. */
  private async disturb(event: object, pieces: number, fault: Misbehaviour): Promise<boolean> {
    if (pieces < ('pieces' in fault ? (fault.pieces ?? 0) : 0)) return false;
    const line = `data: ${JSON.stringify(event)}\n\n`;
    switch (fault.kind) {
      case 'stall':
        return true;
      case 'cut_stream':
        if (fault.how === 'end') this.response.end();
        else await this.resetAfterReading();
        return true;
      case 'broken_stream':
        this.response.end('data: {"choices":[{"delta":{"cont\n\ndata: [DONE]\n\n');
        return true;
      case 'error_in_stream':
        this.response.end(
          'data: {"error":{"message":"The server had an error","type":"server_error","code":500}}\n\n',
        );
        return true;
      case 'truncated_json':
      case 'reset_midway':
        await this.write(line.slice(0, line.length / 2));
        await this.resetAfterReading();
        return true;
      case 'endless':
        await this.repeat(line, fault.intervalMs ?? 1);
        return true;
      case 'slow_drip':
        await this.drip(line.repeat(50), fault.bytes ?? 1, fault.intervalMs ?? 50);
        return true;
      default:
        return false;
    }
  }

  /** A reset throws away what the other side has not read yet: gives it a moment. */
  private async resetAfterReading(): Promise<void> {
    await delay(50);
    this.reset();
  }

  private reset(): void {
    this.response.socket?.resetAndDestroy();
  }

  private async write(text: string): Promise<void> {
    if (this.response.write(text) || this.response.destroyed) return;
    await Promise.race([new Promise((resolve) => this.response.once('drain', resolve)), this.closed]);
  }

  private async drip(text: string, bytes: number, intervalMs: number): Promise<void> {
    if (!this.response.headersSent) this.response.writeHead(200, { 'content-type': 'application/json' });
    for (let at = 0; at < text.length && !this.response.destroyed; at += bytes) {
      this.response.write(text.slice(at, at + bytes));
      await delay(intervalMs);
    }
    this.response.end();
  }

  /** White space for ever: the JSON never begins. */
  private async pour(intervalMs: number): Promise<void> {
    this.response.writeHead(200, { 'content-type': 'application/json' });
    await this.repeat(' '.repeat(64 * 1024), intervalMs);
  }

  private async repeat(text: string, intervalMs: number): Promise<void> {
    while (!this.response.destroyed) {
      await this.write(text);
      await delay(intervalMs);
    }
  }
}
