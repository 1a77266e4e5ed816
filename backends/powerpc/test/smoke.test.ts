// SPDX-License-Identifier: MIT
/** What every back-end must pass; see harness/backend/smoke.ts. */
import { smokeSuite } from '../../../test/backend.js';
import { backend } from '../index.js';

smokeSuite(backend);
