import { chunkedHypernetwork } from '../../src/hypernets/chunked-hypernetwork';
import { testHypernetwork, testHypernetworkDerivatives } from '../contracts/hypernetwork';

const options = { embeddingSize: 4, chunkSize: 16 };
testHypernetwork('chunkedHypernetwork', () => chunkedHypernetwork({ ...options, hidden: [8, 8] }));
testHypernetwork('linear chunkedHypernetwork', () => chunkedHypernetwork({ ...options, hidden: [] }));
testHypernetworkDerivatives('chunkedHypernetwork', () => chunkedHypernetwork({ ...options, hidden: [5], activation: 'softplus' }));
