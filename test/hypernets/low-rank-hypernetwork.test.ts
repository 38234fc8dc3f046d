import { lowRankHypernetwork } from '../../src/hypernets/low-rank-hypernetwork';
import { testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4 };
testHypernetwork('lowRankHypernetwork', () => lowRankHypernetwork({ ...options, hidden: [8, 8] }));
testHypernetwork('linear lowRankHypernetwork', () => lowRankHypernetwork({ ...options, hidden: [] }));
testHypernetworkDerivatives('lowRankHypernetwork', () => lowRankHypernetwork({ ...options, hidden: [5], activation: 'softplus' }));
