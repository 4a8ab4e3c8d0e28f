import { audit } from './audit.ts';
import { type Command, exitCodes } from './command.ts';
import { dispatch } from './dispatch.ts';
import { exportCommand } from './export.ts';
import { inspect } from './inspect.ts';
import { keys } from './keys.ts';
import { mail } from './mail.ts';
import { notices } from './notices.ts';
import { plan } from './plan.ts';
import { prepare } from './prepare.ts';
import { receipt } from './receipt.ts';
import { recover } from './recover.ts';
import { status } from './status.ts';
import { storage } from './storage.ts';
import { terminalIo } from './terminal.ts';
import { verify } from './verify.ts';

/** All that `npx cratersync` can do. */
const commands: readonly Command[] = [
  ...[
    status,
    verify,
    inspect,
    recover,
    storage,
    audit,
    receipt,
    notices,
    keys,
    exportCommand,
    plan,
    prepare,
    mail,
  ],
];

// `cratersync … | head` is no fault.
process.stdout.on('error', () => process.exit(exitCodes.holds));
process.exitCode = await dispatch(commands, process.argv.slice(2), terminalIo(process));
