import { modulationHypernetwork } from '../../src/hypernets/modulation-hypernetwork';
import { testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4 };
testHypernetwork('modulationHypernetwork', () => modulationHypernetwork({ ...options, hidden: [8, 8] }));
testHypernetwork('linear modulationHypernetwork', () => modulationHypernetwork({ ...options, hidden: [] }));
testHypernetworkDerivatives('modulationHypernetwork', () => modulationHypernetwork({ ...options, hidden: [5], activation: 'softplus' }));
