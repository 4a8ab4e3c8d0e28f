export { type Clock, systemClock } from './clock.ts';
export { ConfigError, readConfig } from './config.ts';
export { createLog, type Log, logLevel } from './log.ts';
export { isLoopback } from './loopback.ts';
export { type ProcessContext, runProcess } from './process.ts';
export { isPublicAddress } from './public-address.ts';
export { type RetryOptions, retry } from './retry.ts';
export { Sealer, UnsealError, webhookSecretOf } from './sealed.ts';
export { isSignedBy, Signer } from './signer.ts';
