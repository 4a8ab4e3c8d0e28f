/** Whether what is sent to this IP address never leaves the machine. */
export const isLoopback = (ip: string): boolean => ip.startsWith('127.') || ip === '::1';
