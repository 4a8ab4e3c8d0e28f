export { expireExport } from './expire-export.ts';
export { exportFile } from './export-file.ts';
export { exportJobs } from './jobs.ts';
export { exportKeys, PART_BYTES, turnOf } from './parts.ts';
export { type ExportPlace, exportPlace, inScopeOf } from './place.ts';
export { writeExport } from './write-export.ts';
