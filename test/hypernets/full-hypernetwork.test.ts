import { fullHypernetwork } from '../../src/hypernets/full-hypernetwork';
import { testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4 };
testHypernetwork('fullHypernetwork', () => fullHypernetwork({ ...options, hidden: [8, 8] }));
testHypernetwork('linear fullHypernetwork', () => fullHypernetwork({ ...options, hidden: [] }));
testHypernetworkDerivatives('fullHypernetwork', () => fullHypernetwork({ ...options, hidden: [5], activation: 'softplus' }));
