import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses that are not out in the internet: the special-purpose registries of IANA (RFC 6890 and its successors), and
 * multicast. Among them are private networks, loopback, link-local with the metadata services of clouds, and everything
 * that has an IPv4 address inside and could lead around this list (mapped, NAT64, 6to4, Teredo).
 */
const special = new BlockList();
const specialV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Within 2000::/3, outside of which nothing is public. */
const specialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');
for (const subnet of [...specialV4, ...specialV6]) {
  const [net = '', prefix] = subnet.split('/');
  special.addSubnet(net, Number(prefix), isIPv4(net) ? 'ipv4' : 'ipv6');
}

/** Whether an IP address may be anybody's in the internet, and leads to no machine that only we can reach. */
export function isPublicAddress(ip: string): boolean {
  if (isIPv4(ip)) return !special.check(ip, 'ipv4');
  // A zone ("%eth0") is for link-local addresses only.
  if (!isIPv6(ip) || ip.includes('%')) return false;
  return global.check(ip, 'ipv6') && !special.check(ip, 'ipv6');
}
