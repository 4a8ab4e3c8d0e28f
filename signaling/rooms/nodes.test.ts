import { expect } from 'chai';
import type { Region } from '../protocol/index.ts';
import { Nodes, type RecorderLink, recorderLink } from './nodes.ts';

describe('nodes of regions', () => {
  const socket = { timeout: () => ({ emitWithAck: async () => null }) };
  const withNodes = (...regions: (Region | null)[]) => {
    const nodes = new Nodes<RecorderLink>('recorder');
    for (const [i, region] of regions.entries()) nodes.add(recorderLink(`recorder-${i}`, socket, region));
    return nodes;
  };
  /** Which of them is taken, for sessions of all kinds; or why none is. */
  const picked = (nodes: Nodes<RecorderLink>, region: Region | null) => {
    const sessions = Array.from({ length: 16 }, (_, i) => `${i.toString(16).padStart(8, '0')}-`);
    return [
      ...new Set(
        sessions.map(sessionId => {
          try {
            return nodes.pick(sessionId, region).nodeId;
          } catch (error) {
            return (error as { code: string }).code;
          }
        }),
      ),
    ].toSorted();
  };

  it('are taken for their own region’s sessions alone, however many there are of others', () => {
    const nodes = withNodes('ca', 'fr', 'ca');
    expect(picked(nodes, 'fr')).to.deep.equal(['recorder-1']);
    expect(picked(nodes, 'ca')).to.deep.equal(['recorder-0', 'recorder-2']);
  });

  it('are not replaced by another region’s', () => {
    expect(picked(withNodes('ca', 'ca'), 'fr')).to.deep.equal(['no_node_in_region']);
    expect(picked(withNodes(), 'fr')).to.deep.equal(['node_unavailable']);
    expect(withNodes('ca').serves('fr')).to.equal(false);
  });

  it('serve everybody where none has a region', () => {
    expect(picked(withNodes(null, null), 'fr')).to.deep.equal(['recorder-0', 'recorder-1']);
    expect(withNodes(null).serves('fr')).to.equal(true);
  });
});
