import { expect } from 'chai';
import { isPublicAddress } from './public-address.ts';

describe('isPublicAddress', () => {
  it('lets addresses of the internet through', () => {
    for (const ip of ['1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.1', '192.167.1.1', '223.255.255.254'])
      expect(isPublicAddress(ip), ip).to.equal(true);
    for (const ip of ['2606:4700::1111', '2a00:1450:4009::200e', '2001:4860:4860::8888'])
      expect(isPublicAddress(ip), ip).to.equal(true);
  });

  it('refuses private, loopback, link-local, metadata, multicast and reserved ones', () => {
    const ips = [
      ...[
        '0.0.0.0',
        '10.1.2.3',
        '100.64.0.1',
        '127.0.0.1',
        '127.255.255.254',
        '169.254.169.254',
        '172.16.0.1',
      ],
      ...[
        '172.31.255.255',
        '192.0.0.192',
        '192.168.0.1',
        '198.18.0.1',
        '224.0.0.1',
        '239.1.1.1',
        '255.255.255.255',
      ],
      ...[
        '::',
        '::1',
        'fe80::1',
        'fe80::1%eth0',
        'fc00::1',
        'fd00:ec2::254',
        'ff02::1',
        '2001:db8::1',
        '100::1',
      ],
    ];
    for (const ip of ips) expect(isPublicAddress(ip), ip).to.equal(false);
  });

  it('refuses an IPv4 address in the clothes of an IPv6 one', () => {
    for (const ip of [
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:1.1.1.1',
      '64:ff9b::a00:1',
      '2002:7f00:1::',
      '2001::7f00:1',
    ])
      expect(isPublicAddress(ip), ip).to.equal(false);
  });

  it('refuses what is no address', () => {
    for (const ip of ['', 'localhost', '1.1.1', '0x7f.1', '1.1.1.1:80', '[::1]'])
      expect(isPublicAddress(ip), ip).to.equal(false);
  });
});
