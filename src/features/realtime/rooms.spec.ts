import { describe, expect, it } from '@jest/globals';
import type { Notification } from '../../platform/events/events.js';
import type { Principal } from '../../common/principal.js';
import { Interests, reaches, roomsOfEvent } from './rooms.js';

const principal = (document_sets: string[] | null, tenant = 'acme'): Principal => ({
  tenant,
  subject: 'anna',
  scopes: ['read'],
  document_sets,
  key: null,
  via: 'jwt',
  expires_at: null,
});
const event = (tenant: string, task_id: string | null, document_set: string | null) =>
  roomsOfEvent({ tenant, notification: { task_id, document_set } as Notification });

describe('what a connection receives', () => {
  it('is every event of its tenant, and none of another, without a subscription', () => {
    const rooms = new Interests(principal(null)).rooms();
    expect(reaches(event('acme', 't1', 'policies'), rooms)).toBe(true);
    expect(reaches(event('acme', null, null), rooms)).toBe(true);
    expect(reaches(event('other', 't1', 'policies'), rooms)).toBe(false);
  });

  it('is only its sets when the principal is held to some', () => {
    const rooms = new Interests(principal(['policies'])).rooms();
    expect(reaches(event('acme', 't1', 'policies'), rooms)).toBe(true);
    expect(reaches(event('acme', 't1', 'finance'), rooms)).toBe(false);
    expect(reaches(event('acme', 't1', null), rooms)).toBe(false);
  });

  it('narrows with each subscription and widens again without any', () => {
    const interests = new Interests(principal(null));
    interests.addSet('policies');
    interests.addTask('batch', ['child']);
    expect(reaches(event('acme', 't1', 'finance'), interests.rooms())).toBe(false);
    expect(reaches(event('acme', 't1', 'policies'), interests.rooms())).toBe(true);
    expect(reaches(event('acme', 'child', 'finance'), interests.rooms())).toBe(true);
    interests.removeSet('policies');
    expect(reaches(event('acme', 't1', 'policies'), interests.rooms())).toBe(false);
    interests.clear();
    expect(reaches(event('acme', 't1', 'finance'), interests.rooms())).toBe(true);
  });

  it('cannot be widened by a tenant whose name looks like a room', () => {
    const rooms = new Interests(principal(['b'], 'a')).rooms();
    expect(reaches(event('a:b', null, null), rooms)).toBe(false);
    expect(reaches(event('set:a:b', null, null), rooms)).toBe(false);
  });
});
