// SPDX-License-Identifier: MIT
import { smokeSuite } from '../../../test/backend.js';
import { backend } from '../index.js';

smokeSuite(backend);
