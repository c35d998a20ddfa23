// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @notice Traces rays through a scene of spheres in fixed-point numbers: a program like the
/// SnailTracer that measures contract machines, with structs in memory, signed arithmetic,
/// square roots, recursion and checked overflow.
contract Snail {
    int256 private constant ONE = 1e6;
    uint256 private constant SPHERES = 6;

    struct Vector {
        int256 x;
        int256 y;
        int256 z;
    }

    struct Ray {
        Vector origin;
        Vector direction;
        uint256 depth;
    }

    struct Sphere {
        int256 radius;
        Vector centre;
        Vector colour;
        Vector glow;
        bool isMirror;
    }

    function run(uint256 rays) external view returns (uint256, uint256) {
        uint256 start = gasleft();
        Sphere[] memory scene = build();
        uint256 digest = 0;
        uint256 seed = 7;
        for (uint256 i = 0; i < rays; i++) {
            seed = next(seed);
            int256 x = (int256(seed % 2000) - 1000) * 400;
            seed = next(seed);
            int256 y = (int256(seed % 2000) - 1000) * 300;
            Ray memory ray = Ray(Vector(0, 0, -8 * ONE), unit(Vector(x, y, 2 * ONE)), 0);
            Vector memory colour = trace(scene, ray, seed);
            unchecked {
                digest = digest * 1000003 + uint256(clamp(colour.x)) * 65536 + uint256(clamp(colour.y)) * 256
                    + uint256(clamp(colour.z));
            }
        }
        return (start - gasleft(), digest);
    }

    function build() private pure returns (Sphere[] memory scene) {
        scene = new Sphere[](SPHERES);
        scene[0] = Sphere(3 * ONE, Vector(-3 * ONE, 0, 4 * ONE), Vector(900000, 300000, 300000), Vector(0, 0, 0), false);
        scene[1] = Sphere(2 * ONE, Vector(2 * ONE, 1 * ONE, 2 * ONE), Vector(900000, 900000, 900000), Vector(0, 0, 0), true);
        scene[2] = Sphere(1 * ONE, Vector(0, -2 * ONE, 0), Vector(200000, 800000, 300000), Vector(0, 0, 0), false);
        scene[3] = Sphere(100 * ONE, Vector(0, -104 * ONE, 0), Vector(750000, 750000, 750000), Vector(0, 0, 0), false);
        scene[4] = Sphere(5 * ONE, Vector(0, 12 * ONE, 0), Vector(0, 0, 0), Vector(12000000, 12000000, 12000000), false);
        scene[5] = Sphere(100 * ONE, Vector(0, 0, 112 * ONE), Vector(250000, 250000, 750000), Vector(100000, 100000, 200000), false);
    }

    function trace(Sphere[] memory scene, Ray memory ray, uint256 seed) private pure returns (Vector memory) {
        (uint256 index, int256 distance) = nearest(scene, ray);
        if (distance == 0 || ray.depth > 4) return Vector(0, 0, 0);
        Sphere memory sphere = scene[index];
        Vector memory point = add(ray.origin, scale(ray.direction, distance));
        Vector memory normal = unit(sub(point, sphere.centre));
        if (dot(normal, ray.direction) > 0) normal = scale(normal, -ONE);
        seed = next(seed);
        Ray memory on = Ray(add(point, scale(normal, 1000)), bounce(sphere, ray, normal, seed), ray.depth + 1);
        return add(sphere.glow, times(sphere.colour, trace(scene, on, next(seed))));
    }

    function bounce(Sphere memory sphere, Ray memory ray, Vector memory normal, uint256 seed)
        private
        pure
        returns (Vector memory)
    {
        if (sphere.isMirror) {
            return unit(sub(ray.direction, scale(normal, 2 * dot(normal, ray.direction))));
        }
        Vector memory noise = Vector(part(seed), part(seed >> 32), part(seed >> 64));
        return unit(add(normal, scale(unit(noise), 900000)));
    }

    function part(uint256 seed) private pure returns (int256) {
        return int256(seed % 2000) * 1000 - ONE;
    }

    function nearest(Sphere[] memory scene, Ray memory ray) private pure returns (uint256 index, int256 distance) {
        for (uint256 i = 0; i < scene.length; i++) {
            int256 found = hit(scene[i], ray);
            if (found > 0 && (distance == 0 || found < distance)) {
                distance = found;
                index = i;
            }
        }
    }

    function hit(Sphere memory sphere, Ray memory ray) private pure returns (int256) {
        Vector memory to = sub(sphere.centre, ray.origin);
        int256 along = dot(to, ray.direction);
        int256 rest = (along * along) / ONE - dot(to, to) + (sphere.radius * sphere.radius) / ONE;
        if (rest < 0) return 0;
        int256 half = root(rest * ONE);
        if (along - half > 1000) return along - half;
        if (along + half > 1000) return along + half;
        return 0;
    }

    function next(uint256 seed) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }

    function root(int256 square) private pure returns (int256 low) {
        if (square == 0) return 0;
        low = square;
        int256 guess = (square + 1) / 2;
        while (guess < low) {
            low = guess;
            guess = (square / guess + guess) / 2;
        }
    }

    function clamp(int256 value) private pure returns (int256) {
        if (value < 0) return 0;
        return value > ONE ? int256(255) : (value * 255) / ONE;
    }

    function unit(Vector memory a) private pure returns (Vector memory) {
        int256 length = root(a.x * a.x + a.y * a.y + a.z * a.z);
        if (length == 0) return Vector(ONE, 0, 0);
        return Vector((a.x * ONE) / length, (a.y * ONE) / length, (a.z * ONE) / length);
    }

    function add(Vector memory a, Vector memory b) private pure returns (Vector memory) {
        return Vector(a.x + b.x, a.y + b.y, a.z + b.z);
    }

    function sub(Vector memory a, Vector memory b) private pure returns (Vector memory) {
        return Vector(a.x - b.x, a.y - b.y, a.z - b.z);
    }

    function times(Vector memory a, Vector memory b) private pure returns (Vector memory) {
        return Vector((a.x * b.x) / ONE, (a.y * b.y) / ONE, (a.z * b.z) / ONE);
    }

    function scale(Vector memory a, int256 by) private pure returns (Vector memory) {
        return Vector((a.x * by) / ONE, (a.y * by) / ONE, (a.z * by) / ONE);
    }

    function dot(Vector memory a, Vector memory b) private pure returns (int256) {
        return (a.x * b.x + a.y * b.y + a.z * b.z) / ONE;
    }
}
