// SPDX-License-Identifier: MIT
// `npm run build`: as rolldown.config.js says, and nothing is printed but what is wrong.
import { build } from 'rolldown';
import config from '../rolldown.config.js';

await build(config);
