import { type Case, join, lock, numbered, repeat, state } from "../case.ts";

export const cases: Case[] = [
  {
    title: "files of 4096 bytes split where daemontools splits them",
    args: ["s4096", "n100", "./d"],
    input: numbered(1, 3000, 9),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2550,
          sha256: "7e6b545b15e6fafba07deaa9d9af0e77fdc307bdb1b51a20138fa5600104af71",
        },
        "@2.s": {
          mode: 0o744,
          size: 2560,
          sha256: "f7695d4e02b62fc79395e32bad2e4a21aa3af4c089f5af83a07d7f7e6bfbb92f",
        },
        "@3.s": {
          mode: 0o744,
          size: 2560,
          sha256: "3184d07f7139187c5a7b5ad0b388bae5f37e48903c670175f65f5832c1b0ec14",
        },
        "@4.s": {
          mode: 0o744,
          size: 2560,
          sha256: "637decb9fe5228ff0f1f0ab0b118329bff9effb78c3b9ec8415da427b4e37c94",
        },
        "@5.s": {
          mode: 0o744,
          size: 2560,
          sha256: "d96a37220df3ba8a52a2c4bb221cc8d861f80adccdf651e65f689300352ed028",
        },
        "@6.s": {
          mode: 0o744,
          size: 2560,
          sha256: "08067bcecc290d696afbed56fc2f8537004e9314f625ad93defb14ec7ce25394",
        },
        "@7.s": {
          mode: 0o744,
          size: 2560,
          sha256: "13fc6eab86006ee947b1c372b83fa8370e65c169666003838851f8a593765fe9",
        },
        "@8.s": {
          mode: 0o744,
          size: 2560,
          sha256: "3e50e0716bd96ce66ec8988b2192e70d3faab1cbcaa4c7da09d515b041108c07",
        },
        "@9.s": {
          mode: 0o744,
          size: 2560,
          sha256: "41e5ea5a4a0adc7f6db1b4a1d4d96640661aa22139d0da852b266cc883cae145",
        },
        "@10.s": {
          mode: 0o744,
          size: 2560,
          sha256: "5526055f387d0d8c10639872a5c5470f79c26668874ffc8f308278a63c8a88d3",
        },
        "@11.s": {
          mode: 0o744,
          size: 2560,
          sha256: "eff91c3681563f41f4bf06f1cc2e403f4bdb8258de7b3ecd68fabea407f494d4",
        },
        current: {
          mode: 0o744,
          size: 1850,
          sha256: "80db1c767a1d3367251683f55f967318c6dbf28c1fc4ed402216851b8af23e92",
        },
      },
    },
  },
  {
    title: "without newlines files are exactly as long as their size",
    args: ["s4096", "./d"],
    input: repeat("x", 20000),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 4096,
          sha256: "a2e659dacb4691e887ac0139f8893d04764ee197d70fb73d3190d56113d18e3e",
        },
        "@2.s": {
          mode: 0o744,
          size: 4096,
          sha256: "a2e659dacb4691e887ac0139f8893d04764ee197d70fb73d3190d56113d18e3e",
        },
        "@3.s": {
          mode: 0o744,
          size: 4096,
          sha256: "a2e659dacb4691e887ac0139f8893d04764ee197d70fb73d3190d56113d18e3e",
        },
        "@4.s": {
          mode: 0o744,
          size: 4096,
          sha256: "a2e659dacb4691e887ac0139f8893d04764ee197d70fb73d3190d56113d18e3e",
        },
        "@5.s": {
          mode: 0o744,
          size: 3617,
          sha256: "94d1c709dccc51ac62d6c8c2f48d1a2e1b6154b641da94d914ef2ecccbda86c7",
        },
        current: {
          mode: 0o744,
          size: 0,
          sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
      },
    },
  },
  {
    title: "4095 bytes and the newline that is added fill a file, which is rotated",
    args: ["s4096", "./d"],
    input: repeat("x", 4095),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 4096,
          sha256: "f7ddf5d443f1f023fd6b183e650633c70985d98fdf61db0a3652b3d807b0b6bb",
        },
        current: {
          mode: 0o744,
          size: 0,
          sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
      },
    },
  },
  {
    title: "when 4096 bytes fill a file, the newline that is added begins the next",
    args: ["s4096", "./d"],
    input: repeat("x", 4096),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 4096,
          sha256: "a2e659dacb4691e887ac0139f8893d04764ee197d70fb73d3190d56113d18e3e",
        },
        current: {
          mode: 0o744,
          size: 1,
          sha256: "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
        },
      },
    },
  },
  {
    title: "a line end 2001 bytes before the size does not rotate",
    args: ["s4096", "./d"],
    input: join(repeat("x", 2094), "\n"),
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: {
          mode: 0o744,
          size: 2095,
          sha256: "b85a4b798008f2d354faeed41b1b147983d00d9b7609010be07117799320aeef",
        },
      },
    },
  },
  {
    title: "a line end 2000 bytes before the size rotates",
    args: ["s4096", "./d"],
    input: join(repeat("x", 2095), "\n"),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2096,
          sha256: "d3115138a23c57f8fb425486821086d61cb1dd0b0b282d49daa839aec6457a19",
        },
        current: {
          mode: 0o744,
          size: 0,
          sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
      },
    },
  },
  {
    title: "2000 bytes before the size only a line end rotates",
    args: ["s4096", "./d"],
    input: join(repeat("x", 3500), "\nnext\n"),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 3506,
          sha256: "bfd801eae2d3ff376c03e1c74687835f53844b1f1234ab662bc8edfc02bf03a1",
        },
        current: {
          mode: 0o744,
          size: 0,
          sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
      },
    },
  },
  {
    title: "a file ends at the last line end of the 512 bytes that come near its size",
    args: ["s4096", "./d"],
    input: join(repeat("x", 2047), "\n", numbered(1, 150, 4)),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2558,
          sha256: "2c4fc814e2a1e675875cfd16a149b708af634e2152d5a81667821246196acbad",
        },
        current: {
          mode: 0o744,
          size: 240,
          sha256: "80e3c5adeaca555d44df75ae4cb1fb410406a18d0445cbc943b53b2956116226",
        },
      },
    },
  },
  {
    title: "s1 means 4096",
    args: ["s1", "n100", "./d"],
    input: numbered(1, 1000, 9),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2550,
          sha256: "7e6b545b15e6fafba07deaa9d9af0e77fdc307bdb1b51a20138fa5600104af71",
        },
        "@2.s": {
          mode: 0o744,
          size: 2560,
          sha256: "f7695d4e02b62fc79395e32bad2e4a21aa3af4c089f5af83a07d7f7e6bfbb92f",
        },
        "@3.s": {
          mode: 0o744,
          size: 2560,
          sha256: "3184d07f7139187c5a7b5ad0b388bae5f37e48903c670175f65f5832c1b0ec14",
        },
        "@4.s": {
          mode: 0o744,
          size: 2330,
          sha256: "311cda04000b62ea376a62f8b5511d26cd5a101684a2b843a8d20d9c977f8778",
        },
        current: {
          mode: 0o744,
          size: 0,
          sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
      },
    },
  },
  {
    title: "an s without a number means 4096",
    args: ["status", "n100", "./d"],
    input: numbered(1, 1000, 9),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2550,
          sha256: "7e6b545b15e6fafba07deaa9d9af0e77fdc307bdb1b51a20138fa5600104af71",
        },
        "@2.s": {
          mode: 0o744,
          size: 2560,
          sha256: "f7695d4e02b62fc79395e32bad2e4a21aa3af4c089f5af83a07d7f7e6bfbb92f",
        },
        "@3.s": {
          mode: 0o744,
          size: 2560,
          sha256: "3184d07f7139187c5a7b5ad0b388bae5f37e48903c670175f65f5832c1b0ec14",
        },
        "@4.s": {
          mode: 0o744,
          size: 2330,
          sha256: "311cda04000b62ea376a62f8b5511d26cd5a101684a2b843a8d20d9c977f8778",
        },
        current: {
          mode: 0o744,
          size: 0,
          sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
      },
    },
  },
  {
    title: "an s with a negative number means 4096",
    args: ["s-5", "n100", "./d"],
    input: numbered(1, 1000, 9),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2550,
          sha256: "7e6b545b15e6fafba07deaa9d9af0e77fdc307bdb1b51a20138fa5600104af71",
        },
        "@2.s": {
          mode: 0o744,
          size: 2560,
          sha256: "f7695d4e02b62fc79395e32bad2e4a21aa3af4c089f5af83a07d7f7e6bfbb92f",
        },
        "@3.s": {
          mode: 0o744,
          size: 2560,
          sha256: "3184d07f7139187c5a7b5ad0b388bae5f37e48903c670175f65f5832c1b0ec14",
        },
        "@4.s": {
          mode: 0o744,
          size: 2330,
          sha256: "311cda04000b62ea376a62f8b5511d26cd5a101684a2b843a8d20d9c977f8778",
        },
        current: {
          mode: 0o744,
          size: 0,
          sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        },
      },
    },
  },
  {
    title: "s above 16777215 means 16777215",
    args: ["s99999999", "./d"],
    input: repeat("x", 17000000),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 16777215,
          sha256: "da9f71493037317a9b1cd0cfd7b969788edd0700e056ceaa5118bff96a0e1c07",
        },
        current: {
          mode: 0o744,
          size: 222786,
          sha256: "bdc675f37c42f6bb253e2c1bc9e8c795c88ca3b5859b68e9b36e538a67fb4427",
        },
      },
    },
  },
  {
    title: "nine old files are kept",
    args: ["s4096", "./d"],
    input: numbered(1, 5000, 9),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2560,
          sha256: "eff91c3681563f41f4bf06f1cc2e403f4bdb8258de7b3ecd68fabea407f494d4",
        },
        "@2.s": {
          mode: 0o744,
          size: 2560,
          sha256: "4f82f1df8f2a558d259a74c23b0a6ddf070ce99c1d50c00f791c7c2937716dc7",
        },
        "@3.s": {
          mode: 0o744,
          size: 2560,
          sha256: "c9500c83b5f4e08df5634d1eef1f9c92369d7d52a8d1dd9cf2bbe01592746151",
        },
        "@4.s": {
          mode: 0o744,
          size: 2560,
          sha256: "0dc1eda4d027cadc497983c4575322581b3f064a869448f85faa1f81524ba2ff",
        },
        "@5.s": {
          mode: 0o744,
          size: 2560,
          sha256: "98aaad9604cd1b529190452453ba7c11b497b4de044a4c13be1f234b4640a281",
        },
        "@6.s": {
          mode: 0o744,
          size: 2560,
          sha256: "11194959cc998cd1ac5a96c032df3b97f049a34f965982d0d9c3299bf1db477d",
        },
        "@7.s": {
          mode: 0o744,
          size: 2560,
          sha256: "c8a57576f4c17e8f00aedf8f2232734dc08300051e8c8e9ed38dc8057bdff76b",
        },
        "@8.s": {
          mode: 0o744,
          size: 2560,
          sha256: "9399113b5a5878e2b427562630e01ebae313e8e36398f73b7dee9bf4915d5625",
        },
        "@9.s": {
          mode: 0o744,
          size: 2560,
          sha256: "6726b10bbd39ea8e2b802f7a4f27d0e21fbd052b06f744dd11bb57c421de3494",
        },
        current: {
          mode: 0o744,
          size: 1370,
          sha256: "3ea861f43f9a0a49117c74fc96c1575a4c08b6a68f0dff5fce5716d5e1df3638",
        },
      },
    },
  },
  {
    title: "n5 keeps four old files",
    args: ["s4096", "n5", "./d"],
    input: numbered(1, 3000, 9),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2560,
          sha256: "3e50e0716bd96ce66ec8988b2192e70d3faab1cbcaa4c7da09d515b041108c07",
        },
        "@2.s": {
          mode: 0o744,
          size: 2560,
          sha256: "41e5ea5a4a0adc7f6db1b4a1d4d96640661aa22139d0da852b266cc883cae145",
        },
        "@3.s": {
          mode: 0o744,
          size: 2560,
          sha256: "5526055f387d0d8c10639872a5c5470f79c26668874ffc8f308278a63c8a88d3",
        },
        "@4.s": {
          mode: 0o744,
          size: 2560,
          sha256: "eff91c3681563f41f4bf06f1cc2e403f4bdb8258de7b3ecd68fabea407f494d4",
        },
        current: {
          mode: 0o744,
          size: 1850,
          sha256: "80db1c767a1d3367251683f55f967318c6dbf28c1fc4ed402216851b8af23e92",
        },
      },
    },
  },
  {
    title: "n1 keeps one old file",
    args: ["s4096", "n1", "./d"],
    input: numbered(1, 2000, 9),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2560,
          sha256: "13fc6eab86006ee947b1c372b83fa8370e65c169666003838851f8a593765fe9",
        },
        current: {
          mode: 0o744,
          size: 2090,
          sha256: "73e437514c8c52425f1f7f7a08b92e306cca64b1773a3a07053427ec324880eb",
        },
      },
    },
  },
  {
    title: "an n without a number keeps one old file",
    args: ["s4096", "nx", "./d"],
    input: numbered(1, 2000, 9),
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2560,
          sha256: "13fc6eab86006ee947b1c372b83fa8370e65c169666003838851f8a593765fe9",
        },
        current: {
          mode: 0o744,
          size: 2090,
          sha256: "73e437514c8c52425f1f7f7a08b92e306cca64b1773a3a07053427ec324880eb",
        },
      },
    },
  },
  {
    title: "lines that come one by one rotate at the first line end near the size",
    args: ["s4096", "./d"],
    steps: [
      {
        write: "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\n",
      },
      {
        write: "001001001001001001001001001001001001001001001001001001001001001001001001001001001001001001\n",
      },
      {
        write: "002002002002002002002002002002002002002002002002002002002002002002002002002002002002002002\n",
      },
      {
        write: "003003003003003003003003003003003003003003003003003003003003003003003003003003003003003003\n",
      },
      {
        write: "004004004004004004004004004004004004004004004004004004004004004004004004004004004004004004\n",
      },
      {
        write: "005005005005005005005005005005005005005005005005005005005005005005005005005005005005005005\n",
      },
      {
        write: "006006006006006006006006006006006006006006006006006006006006006006006006006006006006006006\n",
      },
      {
        write: "007007007007007007007007007007007007007007007007007007007007007007007007007007007007007007\n",
      },
      {
        write: "008008008008008008008008008008008008008008008008008008008008008008008008008008008008008008\n",
      },
      {
        write: "009009009009009009009009009009009009009009009009009009009009009009009009009009009009009009\n",
      },
      {
        write: "010010010010010010010010010010010010010010010010010010010010010010010010010010010010010010\n",
      },
      {
        write: "011011011011011011011011011011011011011011011011011011011011011011011011011011011011011011\n",
      },
      {
        write: "012012012012012012012012012012012012012012012012012012012012012012012012012012012012012012\n",
      },
      {
        write: "013013013013013013013013013013013013013013013013013013013013013013013013013013013013013013\n",
      },
      {
        write: "014014014014014014014014014014014014014014014014014014014014014014014014014014014014014014\n",
      },
      {
        write: "015015015015015015015015015015015015015015015015015015015015015015015015015015015015015015\n",
      },
      {
        write: "016016016016016016016016016016016016016016016016016016016016016016016016016016016016016016\n",
      },
      {
        write: "017017017017017017017017017017017017017017017017017017017017017017017017017017017017017017\n",
      },
      {
        write: "018018018018018018018018018018018018018018018018018018018018018018018018018018018018018018\n",
      },
      {
        write: "019019019019019019019019019019019019019019019019019019019019019019019019019019019019019019\n",
      },
      {
        write: "020020020020020020020020020020020020020020020020020020020020020020020020020020020020020020\n",
      },
      {
        write: "021021021021021021021021021021021021021021021021021021021021021021021021021021021021021021\n",
      },
      {
        write: "022022022022022022022022022022022022022022022022022022022022022022022022022022022022022022\n",
      },
      {
        write: "023023023023023023023023023023023023023023023023023023023023023023023023023023023023023023\n",
      },
      {
        write: "024024024024024024024024024024024024024024024024024024024024024024024024024024024024024024\n",
      },
      {
        write: "025025025025025025025025025025025025025025025025025025025025025025025025025025025025025025\n",
      },
      {
        write: "026026026026026026026026026026026026026026026026026026026026026026026026026026026026026026\n",
      },
      {
        write: "027027027027027027027027027027027027027027027027027027027027027027027027027027027027027027\n",
      },
      {
        write: "028028028028028028028028028028028028028028028028028028028028028028028028028028028028028028\n",
      },
      {
        write: "029029029029029029029029029029029029029029029029029029029029029029029029029029029029029029\n",
      },
      {
        write: "030030030030030030030030030030030030030030030030030030030030030030030030030030030030030030\n",
      },
      {
        write: "031031031031031031031031031031031031031031031031031031031031031031031031031031031031031031\n",
      },
      {
        write: "032032032032032032032032032032032032032032032032032032032032032032032032032032032032032032\n",
      },
      {
        write: "033033033033033033033033033033033033033033033033033033033033033033033033033033033033033033\n",
      },
      {
        write: "034034034034034034034034034034034034034034034034034034034034034034034034034034034034034034\n",
      },
      {
        write: "035035035035035035035035035035035035035035035035035035035035035035035035035035035035035035\n",
      },
      {
        write: "036036036036036036036036036036036036036036036036036036036036036036036036036036036036036036\n",
      },
      {
        write: "037037037037037037037037037037037037037037037037037037037037037037037037037037037037037037\n",
      },
      {
        write: "038038038038038038038038038038038038038038038038038038038038038038038038038038038038038038\n",
      },
      {
        write: "039039039039039039039039039039039039039039039039039039039039039039039039039039039039039039\n",
      },
      "close",
    ],
    directories: {
      "./d": {
        ...lock,
        ...state,
        "@1.s": {
          mode: 0o744,
          size: 2184,
          sha256: "ea60d90a4d573e698477d029f60f9a1dfc86048d42f4b1a0da0743913b6c926f",
        },
        current: {
          mode: 0o744,
          size: 1456,
          sha256: "05cbe84363d0919cf3ed9f5bb148533d0c1fc70d9252f7c29db4e531406931ec",
        },
      },
    },
  },
  {
    title: "a complete current above the size stays without input",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: repeat("x", 30000), mode: 0o744 },
    ],
    args: ["s4096", "./d"],
    directories: { "./d": { ...lock, current: { mode: 0o744, size: 30000 } } },
  },
  {
    title: "old files that were there count, and the oldest names go first",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/@400000003b4a39c23294b101.s", data: "1\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b102.s", data: "2\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b103.s", data: "3\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b104.s", data: "4\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b105.s", data: "5\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b106.s", data: "6\n", mode: 0o744 },
    ],
    args: ["s4096", "n4", "./d"],
    input: repeat("x", 4200),
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: join(repeat("x", 104), "\n") },
        "@400000003b4a39c23294b105.s": { data: "5\n" },
        "@400000003b4a39c23294b106.s": { data: "6\n" },
        "@1.s": { mode: 0o744, size: 4096 },
      },
    },
  },
  {
    title: "without a rotation nothing is pruned",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/@400000003b4a39c23294b101.s", data: "1\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b102.s", data: "2\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b103.s", data: "3\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b104.s", data: "4\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b105.s", data: "5\n", mode: 0o744 },
    ],
    args: ["n2", "./d"],
    input: "a\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "a\n" },
        "@400000003b4a39c23294b101.s": { data: "1\n" },
        "@400000003b4a39c23294b102.s": { data: "2\n" },
        "@400000003b4a39c23294b103.s": { data: "3\n" },
        "@400000003b4a39c23294b104.s": { data: "4\n" },
        "@400000003b4a39c23294b105.s": { data: "5\n" },
      },
    },
  },
  {
    title: "a recovered current makes the oldest file go",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "old\n", mode: 0o644 },
      { path: "d/@400000003b4a39c23294b101.s", data: "1\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b102.s", data: "2\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b103.s", data: "3\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b104.s", data: "4\n", mode: 0o744 },
      { path: "d/@400000003b4a39c23294b105.s", data: "5\n", mode: 0o744 },
    ],
    args: ["n3", "./d"],
    input: "a\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "a\n" },
        "@400000003b4a39c23294b105.s": { data: "5\n" },
        "@1.u": { mode: 0o644, data: "old\n" },
      },
    },
  },
  {
    title: "an old name of which 24 bytes follow the @ counts, shorter ones and others do not",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/@zfoo", data: "" },
      { path: "d/@40000000000000000000000", data: "" },
      { path: "d/@400000000000000000000001.s", data: "" },
      { path: "d/other", data: "" },
    ],
    args: ["s4096", "n2", "./d"],
    input: repeat("x", 4200),
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: join(repeat("x", 104), "\n") },
        "@zfoo": {},
        "@40000000000000000000000": {},
        other: {},
        "@1.s": { size: 4096 },
      },
    },
  },
  {
    title: "names that multilog does not write are no old files, whatever follows their @",
    deviates: "only names that multilog writes are removed",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/@2019-backup-of-the-customers.tar", data: "all of them\n" },
      { path: "d/@400000003b4a39c23294b101", data: "" },
      { path: "d/@400000003b4a39c23294b101.s.gz", data: "" },
      { path: "d/@400000003b4a39c23294b101.t", data: "" },
      { path: "d/@400000003B4A39C23294B101.s", data: "" },
      { path: "d/@400000003b4a39c23294b1012.s", data: "" },
      { path: "d/@{and-24-bytes-behind-the-z.s", data: "" },
      { path: "d/@400000003b4a39c23294b102.s", data: "2\n" },
    ],
    args: ["s4096", "n2", "./d"],
    input: repeat("x", 4200),
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: join(repeat("x", 104), "\n") },
        "@2019-backup-of-the-customers.tar": { data: "all of them\n" },
        "@400000003b4a39c23294b101": {},
        "@400000003b4a39c23294b101.s.gz": {},
        "@400000003b4a39c23294b101.t": {},
        "@400000003B4A39C23294B101.s": {},
        "@400000003b4a39c23294b1012.s": {},
        "@{and-24-bytes-behind-the-z.s": {},
        "@1.s": { size: 4096 },
      },
    },
  },
  {
    title: "an old file that is a directory is waited for",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/@000000000000000000000000.s", kind: "directory" },
    ],
    args: ["s4096", "n2", "./d"],
    steps: [
      { write: repeat("x", 4096) },
      { write: "y" },
      { sleepMs: 300 },
      "still runs",
      { shell: "rmdir d/@000000000000000000000000.s" },
      "close",
    ],
    stderr: "multilog: warning: unable to read ./d, pausing: is a directory\n",
    minMs: 5000,
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: "y\n" }, "@1.s": { size: 4096 } },
    },
  },
];
