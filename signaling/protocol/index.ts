export * from './errors.ts';
export * from './ids.ts';
export * from './lifecycle.ts';
export * from './media.ts';
export * from './membership.ts';
export * from './profile.ts';
export * as rest from './rest.ts';
export * from './room.ts';
export * from './rpc.ts';
