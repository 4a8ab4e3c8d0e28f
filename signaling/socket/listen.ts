import type { Server } from 'node:http';

/** Starts listening. @throws Error with what to do when the port is taken or not allowed */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, port)));
    server.listen(port, host, () => resolve());
  });
}

function explained(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} is already in use. Stop what uses it, or set PORT to another one.`);
  if (error.code === 'EACCES')
    return new Error(`Port ${port} may not be used by this user. Set PORT to one above 1023.`);
  return error;
}
