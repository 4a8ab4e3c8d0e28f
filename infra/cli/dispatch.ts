import { ConfigError } from '@cratersync/infra/runtime';
import { AppError } from '@cratersync/signaling/protocol';
import { type Command, type Io, UsageError } from './command.ts';

const exitUsage = 2;
const exitConfig = 78;

/** Runs the command that the arguments name. @returns the exit code */
export async function dispatch(commands: readonly Command[], args: string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.print(overview(commands));
    return 0;
  }
  const command = commands.find(candidate => candidate.name === name);
  if (command === undefined) {
    io.complain(`cratersync has no ${name.startsWith('-') ? 'option' : 'command'} “${name}”.\n`);
    io.complain(overview(commands));
    return exitUsage;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.print(command.usage);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    return explain(command, error, io);
  }
}

/** What a person can mend is said in a sentence; anything else is a bug, and thrown on. */
function explain(command: Command, error: unknown, io: Io): number {
  if (error instanceof UsageError || isParseArgsError(error)) {
    io.complain(`${error.message}\n\n${command.usage}`);
    return exitUsage;
  }
  if (error instanceof ConfigError) {
    io.complain(error.message);
    return exitConfig;
  }
  if (error instanceof AppError) {
    io.complain(error.message);
    return 1;
  }
  throw error;
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(command => command.name.length));
  return [
    'Usage: npx cratersync COMMAND …',
    '',
    'Commands:',
    ...commands.map(command => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'npx cratersync COMMAND --help says more about one.',
  ].join('\n');
}
