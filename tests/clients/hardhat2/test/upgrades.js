const { expect } = require('chai');
const { ethers, upgrades } = require('hardhat');

const pollingInterval = 200; // ms; the plugin's own is 5 s, for Ethereum's slower blocks

describe('OpenZeppelin upgrades', () => {
  it('deploys and upgrades a UUPS proxy', async () => {
    const [owner] = await ethers.getSigners();
    const box = await upgrades.deployProxy(await ethers.getContractFactory('Box'), [owner.address, 21n], { kind: 'uups', pollingInterval });
    await box.waitForDeployment();
    const before = await upgrades.erc1967.getImplementationAddress(await box.getAddress());
    const better = await upgrades.upgradeProxy(box, await ethers.getContractFactory('BoxV2'), { pollingInterval });
    await better.deployTransaction.wait();
    await (await better.double()).wait();
    expect(await better.content()).to.equal(42n);
    expect(await better.getAddress()).to.equal(await box.getAddress());
    expect(await upgrades.erc1967.getImplementationAddress(await box.getAddress())).to.not.equal(before);
    await expect(better.initialize(owner.address, 1n)).to.be.revertedWithCustomError(better, 'InvalidInitialization');
  });

  it('deploys and upgrades a transparent proxy', async () => {
    const shelf = await upgrades.deployProxy(await ethers.getContractFactory('Shelf'), [6n], { kind: 'transparent', initializer: 'build', pollingInterval });
    await shelf.waitForDeployment();
    const better = await upgrades.upgradeProxy(shelf, await ethers.getContractFactory('ShelfV2'), { pollingInterval });
    await better.deployTransaction.wait();
    await (await better.fill(7n)).wait();
    expect(await better.books()).to.equal(42n);
    const admin = await upgrades.erc1967.getAdminAddress(await shelf.getAddress());
    expect(await ethers.provider.getCode(admin)).to.not.equal('0x');
  });
});
