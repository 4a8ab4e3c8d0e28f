// Writes cratersync.json, which Grafana imports, from dashboard.ts: node infra/deploy/grafana/write.ts
import { writeFileSync } from 'node:fs';
import { dashboard } from './dashboard.ts';

writeFileSync(new URL('cratersync.json', import.meta.url), `${JSON.stringify(dashboard, null, 2)}\n`);
