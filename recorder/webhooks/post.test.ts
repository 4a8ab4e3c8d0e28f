import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { type Address, PostError, type PostOptions, post } from './post.ts';
import { signedHeaders } from './sign.ts';

describe('what is posted to where strangers want it', () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });

  const serve = async (answer: RequestListener, host = '127.0.0.1', port = 0): Promise<number> => {
    const server = createServer(answer).listen(port, host);
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const message = { headers: { 'content-type': 'application/json' }, body: '{"type":"täst"}' };
  const tell = (url: string, options: Partial<PostOptions> = {}) =>
    post(new URL(url), message, { allowPrivate: false, ...options });
  const failure = (posted: Promise<unknown>): Promise<string> =>
    posted.then(
      () => 'it was answered',
      (error: unknown) => (error instanceof PostError ? error.message : `not a PostError: ${error}`),
    );

  it('arrives byte for byte, and its answer is known by status and first bytes', async () => {
    let seen = '';
    const port = await serve(async (request, response) => {
      for await (const part of request) seen += part;
      response.writeHead(201).end('thanks \0');
    });
    expect(await tell(`http://127.0.0.1:${port}/hook?x=1`, { allowPrivate: true })).to.deep.equal({
      status: 201,
      answer: 'thanks \ufffd',
    });
    expect(seen).to.equal(message.body);
  });

  it('goes to no address of this machine or its networks, and no connection is tried', async () => {
    let connections = 0;
    const port = await serve((_request, response) => {
      connections += 1;
      response.end();
    });
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0', 'localhost'])
      expect(await failure(tell(`http://${host}:${port}/`)), host).to.match(/not in the internet/);
    const inside = ['10.0.0.1', '169.254.169.254', '192.168.1.1', 'fd00:ec2::254', 'fe80::1', '224.0.0.1'];
    for (const address of inside) {
      const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
      const said = await failure(tell('http://hook.example/', { resolve }));
      expect(said).to.equal(`hook.example leads to ${address}, which is not in the internet`);
    }
    const mixed = async () => [
      { address: '93.184.215.14', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect(await failure(tell('http://hook.example/', { resolve: mixed }))).to.match(/leads to 127.0.0.1/);
    expect(connections).to.equal(0);
  });

  it('goes to exactly the address that was looked at, whatever the name server says next', async () => {
    const hosts: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      hosts.push(request.headers.host);
      response.end('the right one');
    }, '127.0.0.2');
    await serve((_request, response) => response.end('the wrong one'), '127.0.0.1', port);
    const answers: Address[][] = [
      [{ address: '127.0.0.2', family: 4 }],
      [{ address: '127.0.0.1', family: 4 }],
    ];
    let asked = 0;
    const resolve = async () => answers[asked++] ?? [];
    const { answer } = await tell(`http://rebound.example:${port}/`, { allowPrivate: true, resolve });
    expect([answer, asked]).to.deep.equal(['the right one', 1]);
    expect(hosts).to.deep.equal([`rebound.example:${port}`]);
  });

  it('follows no redirect', async () => {
    let reached = 0;
    const port = await serve((request, response) => {
      if (request.url === '/inside') reached += 1;
      response.writeHead(307, { location: '/inside' }).end('elsewhere');
    });
    const answer = await tell(`http://127.0.0.1:${port}/`, { allowPrivate: true });
    expect([answer.status, reached]).to.deep.equal([307, 0]);
  });

  it('reads no more of an endless answer than it keeps', async () => {
    const port = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1000)));
      };
      response.on('drain', more);
      more();
    });
    const { status, answer } = await tell(`http://127.0.0.1:${port}/`, { allowPrivate: true });
    expect([status, answer]).to.deep.equal([200, 'x'.repeat(500)]);
  });

  it('waits for no answer for ever, be it the first byte or the last', async () => {
    const silent = await serve(() => {});
    const dripping = await serve((_request, response) => void response.writeHead(200).write('x'));
    for (const port of [silent, dripping]) {
      const posted = tell(`http://127.0.0.1:${port}/`, { allowPrivate: true, timeoutMs: 200 });
      expect(await failure(posted)).to.equal('No answer within 0.2 s');
    }
    const never = () => new Promise<Address[]>(() => {});
    const lost = tell('http://hook.example/', { resolve: never, timeoutMs: 200 });
    expect(await failure(lost)).to.equal('No answer within 0.2 s');
  });

  it('says in words why there was no answer', async () => {
    const breaking = await serve(request => request.socket.destroy());
    const to = (url: string, options = {}) => failure(tell(url, { allowPrivate: true, ...options }));
    expect(await to(`http://127.0.0.1:${breaking}/`)).to.match(/connection broke/);
    expect(await to(`https://127.0.0.1:${breaking}/`)).to.match(/connection broke|No answer: /);
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    expect(await to(`http://127.0.0.1:${port}/`)).to.match(/was refused/);
    const unknown = async () => {
      throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    };
    expect(await to('http://nowhere.example/', { resolve: unknown })).to.match(/name was not found/);
    expect(await to('http://nowhere.example/', { resolve: async () => [] })).to.match(/has no address/);
  });
});

describe('the signature of a webhook', () => {
  const key = Buffer.alloc(32, 7);
  const secret = `whsec_${key.toString('base64')}`;
  const body = '{"type":"täst"}';
  // Now, and not when the file was loaded: the suite takes longer than a signature is good for.
  const newly = () => ({ id: 'msg_1', at: new Date(), body, key });

  it('is what the library of Standard Webhooks expects', () => {
    const signed = newly();
    const headers = signedHeaders(signed);
    expect(new Webhook(secret).verify(body, headers)).to.deep.equal({ type: 'täst' });
    expect(headers['webhook-signature']).to.equal(new Webhook(secret).sign('msg_1', signed.at, body));
  });

  it('does not fit another secret, another body, or another time', () => {
    const headers = signedHeaders(newly());
    const other = new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`);
    expect(() => other.verify(body, headers)).to.throw();
    expect(() => new Webhook(secret).verify(`${body} `, headers)).to.throw();
    expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-timestamp': '1' })).to.throw();
  });
});
