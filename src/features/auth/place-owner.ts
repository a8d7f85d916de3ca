import type { Principal } from '../../common/principal.js';
import type { PlaceOwner } from '../../common/shares.js';

/**
 * Under which names a principal is counted: its key, else its subject.
 * Null without authentication, where everybody has the same name.
 */
export const resolveOwner = (principal: Principal | undefined): PlaceOwner | null =>
  !principal || principal.via === 'none'
    ? null
    : {
        tenant: principal.tenant,
        principal: JSON.stringify([
          principal.key === null ? 'subject' : 'key',
          principal.key ?? principal.subject,
        ]),
      };
