import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';

export default buildModule('Shop', (m) => {
  const points = m.contract('Acme', [m.getParameter('supply', 1000n)]);
  const counter = m.contract('Counter', [7n], { after: [points] });
  m.call(counter, 'raise', [5n]);
  m.call(points, 'transfer', [counter, 250n]);
  return { points, counter };
});
