// Before any schema is made: our Content-Security-Policy refuses the `new Function` that zod would compile with.
import './zod-setup.ts';

export * from '@cratersync/signaling/protocol';
