// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Entries, Entry} from "./Entries.sol";
import {Rlp} from "./Rlp.sol";
import {SealOutbox} from "./SealOutbox.sol";

/// The committee, in mode `fixed`: the founder decides who sits in it and which quorum it has.
///
/// A change takes effect with the next epoch. The contract posts the whole next epoch to the outbox
/// of seals, which makes the block of the change the seal of the epoch in force
/// (ledger/chain/seal.h); so there is at most one change a block. Whoever is to join says READY
/// first: its node has the ledger up to a height, knows its rules, and has made its entry. Every
/// newcomer of a change is READY, so that a change may be of as many members as the founder likes.
///
/// Stands in block 0 at SealOutbox.COMMITTEE. The constructor's arguments come from the genesis
/// document, which was checked.
///
/// Storage
///   slot 0  epoch, mode
///   slot 1, 2  _plan: what a change of the committee leaves as it is
///   slot 3  founder
///   slot 4  committeeHash: of the epoch in force, or that begins behind this block
///   slot 5  _members: consensus addresses in index order
///   slot 6  _entries: consensus address => entry of a member
///   slot 7  _ready: consensus address => READY, until it has joined
contract Committee {
    struct Plan {
        uint64 protocolVersion;
        uint64 fork;
        uint64 pulseMs;
        uint64 tail;
        uint64 blockSizeMax;
        uint64 gasLimit;
    }

    struct Readiness {
        address operator; // who sent it
        uint64 height; // up to which the node had the ledger
        Entry entry;
    }

    SealOutbox public constant OUTBOX = SealOutbox(0x0000BBdDc7CE488642fb579F8B00f3a590007251);
    uint256 public constant MEMBERS_MAX = 100;
    uint8 public constant MODE_MAX = 2; // 0 bft, 1 crash, 2 all
    /// READY holds for so many blocks behind its height.
    uint256 public constant READY_BLOCKS_MAX = 8192;
    /// Entries of the outbox that a change takes at most, that of the parameters left out. More
    /// would not fit into a transaction (EIP-7825).
    uint256 public constant SEAL_POSTS_MAX = 20;

    uint256 private constant POST_SIZE_MAX = 1024; // Outbox.ENTRY_SIZE_MAX
    uint256 private constant POST_FRAME = 5; // list header, version, kind
    uint8 private constant MESSAGE_READY = 8;
    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0; // secp256k1: low s

    /// Of the committee that a change made last; 1 is the founding one.
    uint64 public epoch = 1;
    uint8 public mode;
    Plan private _plan;
    address public founder;
    bytes32 public committeeHash;
    address[] private _members;
    mapping(address consensus => Entry) private _entries;
    mapping(address consensus => Readiness) private _ready;

    /// A node is READY to join, or to go on with a new entry.
    event Ready(address indexed consensus, address indexed operator, uint64 height, Entry entry);
    /// This block is the seal of the epoch before `epoch`.
    event Changed(
        uint64 indexed epoch, uint8 mode, bytes32 committeeHash, address[] left, address[] joined
    );

    error NotTheFounder(address caller, address founder);
    /// Each change makes its block the seal of an epoch: the next one can come in the next block.
    error OneChangeABlock(uint256 number);
    error UnknownMode(uint8 mode, uint8 highest);
    error NothingChanges();
    error CommitteeSize(uint256 size, uint256 min, uint256 max);
    /// The committee's entries do not fit into `max` entries of the outbox.
    error SealTooLarge(uint256 max);
    error NotAMember(address consensus);
    /// No READY of this node waits: it sent none, or has joined by it.
    error NotReady(address consensus);
    /// The node had the ledger up to `height`, expected `oldest` or later: let it send READY again.
    error ReadyTooOld(address consensus, uint64 height, uint256 oldest);
    /// The height is `height`, expected at most `newest`.
    error ReadyTooNew(uint64 height, uint256 newest);
    /// The node does not know the rules in force.
    error NotSupported(uint64 protocolVersion, uint64 fork);
    /// The signature is that of `signer` (0: of nobody), expected `consensus`'s for this ledger,
    /// epoch, committee and sender.
    error WrongSigner(address signer, address consensus);

    constructor(address founder_, uint8 mode_, Plan memory plan, Entry[] memory entries) {
        founder = founder_;
        mode = mode_;
        _plan = plan;
        bytes[] memory encoded = new bytes[](entries.length);
        for (uint256 i = 0; i < entries.length; i++) {
            _members.push(entries[i].consensus);
            _entries[entries[i].consensus] = entries[i];
            encoded[i] = Entries.encode(entries[i]);
        }
        committeeHash = _hashOf(encoded);
    }

    /// Says that the node of `entry` can join, signed by its consensus key: it has the ledger up to
    /// `height`, and runs protocol versions `lowest` to `highest` and forks up to `fork`. From the
    /// operator's account, which the signature names. What a node said before is replaced.
    function ready(
        Entry calldata entry,
        uint64 height,
        uint64 lowest,
        uint64 highest,
        uint64 fork,
        bytes calldata signature
    ) external {
        Entries.check(entry);
        _checkHeight(entry.consensus, height);
        if (_plan.protocolVersion < lowest || _plan.protocolVersion > highest || _plan.fork > fork) {
            revert NotSupported(_plan.protocolVersion, _plan.fork);
        }
        bytes memory body = abi.encodePacked(
            msg.sender, height, lowest, highest, fork, keccak256(Entries.encode(entry))
        );
        address signer = _signer(_digest(body), signature);
        if (signer != entry.consensus) revert WrongSigner(signer, entry.consensus);
        uint64 before = _ready[entry.consensus].height;
        if (height < before) revert ReadyTooOld(entry.consensus, height, before);
        _ready[entry.consensus] = Readiness(msg.sender, height, entry);
        emit Ready(entry.consensus, msg.sender, height, entry);
    }

    /// Decides the next epoch: without `leaving`, with `joining`, each named by its consensus
    /// address, and with this quorum mode. Who is a member and joins goes on with the entry of its
    /// READY. The founder's alone.
    function change(address[] calldata leaving, address[] calldata joining, uint8 mode_) external {
        if (msg.sender != founder) revert NotTheFounder(msg.sender, founder);
        if (OUTBOX.queued() != 0) revert OneChangeABlock(block.number);
        if (mode_ > MODE_MAX) revert UnknownMode(mode_, MODE_MAX);
        if (leaving.length == 0 && joining.length == 0 && mode_ == mode) revert NothingChanges();
        for (uint256 i = 0; i < leaving.length; i++) {
            _leave(leaving[i]);
        }
        for (uint256 i = 0; i < joining.length; i++) {
            _join(joining[i]);
        }
        uint256 size = _members.length;
        if (size == 0 || size > MEMBERS_MAX) revert CommitteeSize(size, 1, MEMBERS_MAX);
        _checkApart(joining);
        mode = mode_;
        epoch++;
        committeeHash = _seal();
        emit Changed(epoch, mode_, committeeHash, leaving, joining);
    }

    /// The committee as it was decided last, in index order.
    function members() external view returns (Entry[] memory list) {
        list = new Entry[](_members.length);
        for (uint256 i = 0; i < list.length; i++) {
            list[i] = _entries[_members[i]];
        }
    }

    /// The READY that waits, all zero if there is none.
    function readiness(address consensus) external view returns (Readiness memory) {
        return _ready[consensus];
    }

    /// Who decides about the committee.
    function governance() external pure returns (string memory) {
        return "fixed";
    }

    // ---- READY ----------------------------------------------------------------------------------

    function _checkHeight(address consensus, uint64 height) private view {
        if (height > block.number) revert ReadyTooNew(height, block.number); // in a call: the head
        if (height + READY_BLOCKS_MAX < block.number) {
            revert ReadyTooOld(consensus, height, block.number - READY_BLOCKS_MAX);
        }
    }

    /// What a consensus key signs (ledger/chain/finality.h).
    function _digest(bytes memory body) private view returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                "ORG1", MESSAGE_READY, block.chainid, OUTBOX.ledgerId(), epoch, committeeHash, body
            )
        );
    }

    /// r ‖ s ‖ recovery id (0 or 1), low s; 0 of anything else.
    function _signer(bytes32 digest, bytes calldata signature) private pure returns (address) {
        if (signature.length != 65 || uint8(signature[64]) > 1) return address(0);
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > HALF_ORDER) return address(0);
        return ecrecover(digest, 27 + uint8(signature[64]), bytes32(signature[:32]), s);
    }

    // ---- Change ---------------------------------------------------------------------------------

    function _leave(address consensus) private {
        if (_entries[consensus].consensus == address(0)) revert NotAMember(consensus);
        delete _entries[consensus];
        uint256 last = _members.length - 1;
        uint256 i = 0;
        while (_members[i] != consensus) i++;
        for (; i < last; i++) {
            _members[i] = _members[i + 1];
        }
        _members.pop();
    }

    function _join(address consensus) private {
        Readiness storage said = _ready[consensus];
        if (said.operator == address(0)) revert NotReady(consensus);
        _checkHeight(consensus, said.height);
        if (_entries[consensus].consensus == address(0)) _members.push(consensus);
        _entries[consensus] = said.entry;
        delete _ready[consensus];
    }

    function _checkApart(address[] calldata joining) private view {
        uint256 size = _members.length;
        for (uint256 i = 0; i < joining.length; i++) {
            Entry memory entry = _entries[joining[i]];
            for (uint256 k = 0; k < size; k++) {
                if (_members[k] == joining[i]) continue;
                Entries.checkApart(entry, _entries[_members[k]]);
            }
        }
    }

    /// Posts the next epoch; returns its committee's hash.
    function _seal() private returns (bytes32) {
        bytes[] memory encoded = new bytes[](_members.length);
        for (uint256 i = 0; i < encoded.length; i++) {
            encoded[i] = Entries.encode(_entries[_members[i]]);
        }
        OUTBOX.post(_planEntry(encoded.length));
        uint256 posts = 0;
        for (uint256 from = 0; from < encoded.length; posts++) {
            if (posts == SEAL_POSTS_MAX) revert SealTooLarge(SEAL_POSTS_MAX);
            uint256 to = from;
            uint256 size = POST_FRAME;
            while (to < encoded.length && size + encoded[to].length <= POST_SIZE_MAX) {
                size += encoded[to++].length;
            }
            OUTBOX.post(Rlp.list(bytes.concat(hex"0102", Rlp.join(encoded, from, to))));
            from = to;
        }
        return _hashOf(encoded);
    }

    /// RLP [version 1, kind 1, protocol version, fork, mode, [parameters], n].
    function _planEntry(uint256 size) private view returns (bytes memory) {
        bytes memory parameters = bytes.concat(
            Rlp.number(_plan.pulseMs),
            Rlp.number(_plan.tail),
            Rlp.number(_plan.blockSizeMax),
            Rlp.number(_plan.gasLimit)
        );
        return Rlp.list(
            bytes.concat(
                hex"0101",
                Rlp.number(_plan.protocolVersion),
                Rlp.number(_plan.fork),
                Rlp.number(mode),
                Rlp.list(parameters),
                Rlp.number(uint64(size))
            )
        );
    }

    function _hashOf(bytes[] memory encoded) private pure returns (bytes32) {
        return keccak256(Rlp.list(Rlp.join(encoded, 0, encoded.length)));
    }
}
