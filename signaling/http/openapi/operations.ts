import { z } from 'zod';
import { accountOperations } from './account-operations.ts';
import { billingOperations } from './billing-operations.ts';
import type { Operation, Operations } from './operation.ts';
import { organizationOperations } from './organization-operations.ts';
import { recordingOperations } from './recording-operations.ts';
import { shareOperations } from './share-operations.ts';

const documentOperations: Operations = {
  'GET /openapi.json': {
    summary: 'This document',
    needs: 'nobody',
    answers: { 200: z.looseObject({ openapi: z.literal('3.1.0') }) },
  },
};

/** All routes, in groups as the document shows them. A test holds this list against what is mounted. */
export const groupsOf = ({ isBilled }: { isBilled: boolean }): Record<string, Operations> => ({
  'Sessions and recordings': recordingOperations,
  'Shared recordings': shareOperations,
  Organization: organizationOperations,
  ...(isBilled && { 'Plan and billing': billingOperations }),
  Account: accountOperations,
  Document: documentOperations,
});

/** Also those that are there with billing only. */
export const operations: Operations = Object.assign({}, ...Object.values(groupsOf({ isBilled: true })));

interface Matcher {
  route: string;
  method: string;
  path: RegExp;
  /** How much of the path is fixed: `stems.zip` comes before `:format`. */
  fixed: number;
  operation: Operation;
}

const matchers: Matcher[] = Object.entries(operations)
  .map(([route, operation]) => {
    const [method = '', path = ''] = route.split(' ');
    const pattern = path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+');
    const fixed = path.replaceAll(/:\w+/g, '').length;
    return { route, method, path: new RegExp(`^${pattern}/?$`, 'i'), fixed, operation };
  })
  .toSorted((a, b) => b.fixed - a.fixed);

/** @param path below /api/v1 @returns null for a route that is not in the list */
export function operationOf(method: string, path: string): { route: string; operation: Operation } | null {
  const asked = method === 'HEAD' ? 'GET' : method;
  return matchers.find(each => each.method === asked && each.path.test(path)) ?? null;
}
