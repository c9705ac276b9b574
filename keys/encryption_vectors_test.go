package keys_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/strongroom/strongroom/internal/secret"
	"github.com/strongroom/strongroom/keys"
)

// rfcRSA are the private RSA keys of RFC 7516 appendices A.1.4 and A.2.4.
var rfcRSA = map[string]string{
	"A.1": `{"kty":"RSA",
		"n":"oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXTq4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQtwHYbxevoJArm-L5StowjzGy-_bq6Gw",
		"e":"AQAB",
		"d":"kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n9Hrh2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8Ripy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8YAu7VILSB3lOW085-4qE3DzgrTjgyQ",
		"p":"1r52Xk46c-LsfB5P442p7atdPUrxQSy4mti_tZI3Mgf2EuFVbUoDBvaRQ-SWxkbkmoEzL7JXroSBjSrK3YIQgYdMgyAEPTPjXv_hI2_1eTSPVZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrlN_rKrbfDIwUbTrjjgieRbwC6Cl0",
		"q":"wLb35x7hmQWZsWJmB_vle87ihgZ19S8lBEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx_8Fyw1YYa9XGrGnDew00J28cRUoeBB_jKI1oma0Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwTs0g68UZHvtc",
		"dp":"ZK-YwE7diUh0qR1tR7w8WHtolDx3MZ_OTowiFvgfeQ3SiresXjm9gZ5KLhMXvo-uz-KUJWDxS5pFQ_M0evdo1dKiRTjVw_x4NyqyXPM5nULPkcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt4taznjnd_zVpAmZZq60WPMBMfKcuE",
		"dq":"Dq0gfgJ1DdFGXiLvQEZnuKEN0UUmsJBxkjydc3j4ZYdBiMRAy86x0vHCjywcMlYYg4yoC4YZa9hNVcsjqA3FeiL19rk8g6Qn29Tt0cj8qqyFpz9vNDBUfCAiJVeESOjJDZPYHdHY8v1b-o-Z2X5tvLx-TCekf7oxyeKDUqKWjis",
		"qi":"VIMpMYbPf47dT1w_zDUXfPimsSegnMOA1zTaX7aGk_8urY6R8-ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6flUK4SlOydB61gwanOsXGOAOv82cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz9JF_XyaY14ardLSjf4L_FNY"}`,
	"A.2": `{"kty":"RSA",
		"n":"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw",
		"e":"AQAB",
		"d":"VFCWOqXr8nvZNyaaJLXdnNPXZKRaWCjkU5Q2egQQpTBMwhprMzWzpR8Sxq1OPThh_J6MUD8Z35wky9b8eEO0pwNS8xlh1lOFRRBoNqDIKVOku0aZb-rynq8cxjDTLZQ6Fz7jSjR1Klop-YKaUHc9GsEofQqYruPhzSA-QgajZGPbE_0ZaVDJHfyd7UUBUKunFMScbflYAAOYJqVIVwaYR5zWEEceUjNnTNo_CVSj-VvXLO5VZfCUAVLgW4dpf1SrtZjSt34YLsRarSb127reG_DUwg9Ch-KyvjT1SkHgUWRVGcyly7uvVGRSDwsXypdrNinPA4jlhoNdizK2zF2CWQ",
		"p":"9gY2w6I6S6L0juEKsbeDAwpd9WMfgqFoeA9vEyEUuk4kLwBKcoe1x4HG68ik918hdDSE9vDQSccA3xXHOAFOPJ8R9EeIAbTi1VwBYnbTp87X-xcPWlEPkrdoUKW60tgs1aNd_Nnc9LEVVPMS390zbFxt8TN_biaBgelNgbC95sM",
		"q":"uKlCKvKv_ZJMVcdIs5vVSU_6cPtYI1ljWytExV_skstvRSNi9r66jdd9-yBhVfuG4shsp2j7rGnIio901RBeHo6TPKWVVykPu1iYhQXw1jIABfw-MVsN-3bQ76WLdt2SDxsHs7q7zPyUyHXmps7ycZ5c72wGkUwNOjYelmkiNS0",
		"dp":"w0kZbV63cVRvVX6yk3C8cMxo2qCM4Y8nsq1lmMSYhG4EcL6FWbX5h9yuvngs4iLEFk6eALoUS4vIWEwcL4txw9LsWH_zKI-hwoReoP77cOdSL4AVcraHawlkpyd2TWjE5evgbhWtOxnZee3cXJBkAi64Ik6jZxbvk-RR3pEhnCs",
		"dq":"o_8V14SezckO6CNLKs_btPdFiO9_kC1DsuUTd2LAfIIVeMZ7jn1Gus_Ff7B7IVx3p5KuBGOVF8L-qifLb6nQnLysgHDh132NDioZkhH7mI7hPG-PYE_odApKdnqECHWw0J-F0JWnUd6D2B_1TvF9mXA2Qx-iGYn8OVV1Bsmp6qU",
		"qi":"eNho5yRBEBxhGBtQRww9QirZsB66TrfFReG_CcteI1aCneT0ELGhYlRlCtUkTRclIfuEPmNsNDPbLoLqqCVznFbvdB7x-Tl-m0l_eFTj2KiqwGqE9PZB9nNTwMVvH3VRRSLWACvPnSiwP8N5Usy-WRXS-V7TbpxIhvepTfE0NNo"}`,
}

func privateJWK(t testing.TB, text string) *keys.Private {
	t.Helper()
	_, key, err := keys.ParsePrivateJWK(secret.FromString(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(key.Wipe)
	return key
}

func octKey(t testing.TB, raw []byte) *keys.Private {
	t.Helper()
	key, err := keys.ParsePrivate(keys.Spec{Type: keys.Oct, Bits: 8 * len(raw)}, secret.Copy(raw))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(key.Wipe)
	return key
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func reveal(s *secret.Bytes) []byte {
	var out []byte
	s.Reveal(func(b []byte) { out = bytes.Clone(b) })
	return out
}

// deterministic encryption of the RFCs: what they wrap we wrap to the same
// bytes, and unwrap again; a changed byte anywhere does not open.
func TestKeyWrapVectors(t *testing.T) {
	const kek = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
	const data = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"
	for _, tc := range []struct {
		name, key, plaintext, want string
		alg                        keys.EncryptionAlgorithm
	}{
		{"RFC 3394 4.1", kek[:32], data[:32], "1FA68B0A8112B447 AEF34BD8FB5A7B82 9D3E862371D2CFE5", keys.A128KW},
		{"RFC 3394 4.2", kek[:48], data[:32], "96778B25AE6CA435 F92B5B97C050AED2 468AB8A17AD84E5D", keys.A192KW},
		{"RFC 3394 4.3", kek, data[:32], "64E8C3F9CE0F5BA2 63E9777905818A2A 93C8191E7D6E8AE7", keys.A256KW},
		{"RFC 3394 4.4", kek[:48], data[:32] + data[32:48], "031D33264E15D332 68F24EC260743EDC E1C6C7DDEE725A93 6BA814915C6762D2", keys.A192KW},
		{"RFC 3394 4.5", kek, data[:48], "A8F9BC1612C68B3F F6E6F4FBE30E71E4 769C8B80A32CB895 8CD5D17D6B254DA1", keys.A256KW},
		{"RFC 3394 4.6", kek, data, "28C9F404C4B810F4 CBCCB35CFB87F826 3F5786E2D80ED326 CBC7F0E71A99F43B FB988B9B7A02DD21", keys.A256KW},
		{"RFC 5649 6, 20 bytes", "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", "c37b7e6492584340bed12207808941155068f738", "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a", keys.A192KWPAD},
		{"RFC 5649 6, 7 bytes", "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8", "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f", keys.A192KWPAD},
	} {
		t.Run(tc.name, func(t *testing.T) {
			key := octKey(t, unhex(t, tc.key))
			got, err := key.Wrap(nil, keys.EncryptRequest{Algorithm: tc.alg, Plaintext: secret.New(unhex(t, tc.plaintext))})
			if err != nil || !bytes.Equal(got.Ciphertext, unhex(t, tc.want)) {
				t.Fatalf("Wrap = %x, %v", got.Ciphertext, err)
			}
			back, err := key.Unwrap(got, 0)
			if err != nil || !bytes.Equal(reveal(back), unhex(t, tc.plaintext)) {
				t.Errorf("Unwrap = %x, %v", reveal(back), err)
			}
			expectEveryFlipRefused(t, got, func(e keys.Encrypted) error {
				_, err := key.Unwrap(e, 0)
				return err
			})
		})
	}
}

// expectEveryFlipRefused changes each byte of the ciphertext in turn.
func expectEveryFlipRefused(t *testing.T, good keys.Encrypted, open func(keys.Encrypted) error) {
	t.Helper()
	for i := range good.Ciphertext {
		bad := good
		bad.Ciphertext = bytes.Clone(good.Ciphertext)
		bad.Ciphertext[i] ^= 0x01
		if err := open(bad); !errors.Is(err, keys.ErrDecrypt) {
			t.Errorf("byte %d changed: %v, want ErrDecrypt", i, err)
		}
	}
}

// Test case 4 of McGrew and Viega, "The Galois/Counter Mode of Operation",
// appendix B: the IV comes from the random source.
func TestGCMVector(t *testing.T) {
	key := octKey(t, unhex(t, "feffe9928665731c6d6a8f9467308308"))
	iv := unhex(t, "cafebabefacedbaddecaf888")
	plaintext := unhex(t, "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
	got, err := key.Encrypt(bytes.NewReader(iv), keys.EncryptRequest{
		Algorithm: keys.A128GCM, Plaintext: secret.Copy(plaintext), AAD: unhex(t, "feedfacedeadbeeffeedfacedeadbeefabaddad2"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := unhex(t, "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"); !bytes.Equal(got.Ciphertext, want) {
		t.Errorf("ciphertext %x", got.Ciphertext)
	}
	if want := unhex(t, "5bc94fbc3221a5db94fae95ae7121a47"); !bytes.Equal(got.Tag, want) {
		t.Errorf("tag %x", got.Tag)
	}
	if !bytes.Equal(got.IV, iv) {
		t.Errorf("iv %x", got.IV)
	}
}

// RFC 7518 appendices B.1 and B.3: the encryption half of AES-CBC with HMAC.
func TestCBCVectors(t *testing.T) {
	const plaintext = "A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience"
	for _, tc := range []struct {
		name, key, want string
		alg             keys.EncryptionAlgorithm
	}{
		{
			"B.1", "101112131415161718191a1b1c1d1e1f",
			`c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336
			 09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5
			 4b8851ffb598f7f80074b9473c82e2db`, keys.A128CBCPAD,
		},
		{
			"B.3", "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
			`4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b
			 36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950b
			 be2638d09dd7a4930930806d0703b1f6`, keys.A256CBCPAD,
		},
	} {
		key := octKey(t, unhex(t, tc.key))
		got, err := key.Encrypt(nil, keys.EncryptRequest{
			Algorithm: tc.alg, Plaintext: secret.FromString(plaintext), IV: unhex(t, "1af38c2dc2b96ffdd86694092341bc04"),
		})
		if err != nil || !bytes.Equal(got.Ciphertext, unhex(t, tc.want)) {
			t.Errorf("RFC 7518 %s: %x, %v", tc.name, got.Ciphertext, err)
			continue
		}
		back, err := key.Decrypt(got)
		if err != nil || string(reveal(back)) != plaintext {
			t.Errorf("RFC 7518 %s does not open: %v", tc.name, err)
		}
	}
}

// The whole of RFC 7516 appendix A.1: RSA-OAEP opens the content key, AES-GCM
// the content.
func TestJWEWithRSAOAEPAndGCM(t *testing.T) {
	const jwe = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGeipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ"
	parts := strings.Split(jwe, ".")
	cek, err := privateJWK(t, rfcRSA["A.1"]).Unwrap(keys.Encrypted{Algorithm: keys.RSAOAEP, Ciphertext: decode(t, parts[1])}, 0)
	if err != nil {
		t.Fatal(err)
	}
	plaintext, err := octKey(t, reveal(cek)).Decrypt(keys.Encrypted{
		Algorithm: keys.A256GCM, AAD: []byte(parts[0]), IV: decode(t, parts[2]), Ciphertext: decode(t, parts[3]), Tag: decode(t, parts[4]),
	})
	if err != nil || string(reveal(plaintext)) != "The true sign of intelligence is not knowledge but imagination." {
		t.Errorf("%q, %v", reveal(plaintext), err)
	}
}

// rfcCEK is the content key that RFC 7516 appendices A.2 and A.3 wrap.
var rfcCEK = []byte{
	4, 211, 31, 197, 84, 157, 252, 254, 11, 100, 157, 250, 63, 170, 106, 206,
	107, 124, 212, 45, 111, 107, 9, 219, 200, 177, 0, 240, 143, 156, 44, 207,
}

// RFC 7516 appendices A.2.3 and A.3.3: the same content key under RSA1_5 and
// under A128KW.
func TestJWEContentKeys(t *testing.T) {
	for _, tc := range []struct {
		alg     keys.EncryptionAlgorithm
		key     *keys.Private
		wrapped string
	}{
		{keys.RSA15, privateJWK(t, rfcRSA["A.2"]), "UGhIOguC7IuEvf_NPVaXsGMoLOmwvc1GyqlIKOK1nN94nHPoltGRhWhw7Zx0-kFm1NJn8LE9XShH59_i8J0PH5ZZyNfGy2xGdULU7sHNF6Gp2vPLgNZ__deLKxGHZ7PcHALUzoOegEI-8E66jX2E4zyJKx-YxzZIItRzC5hlRirb6Y5Cl_p-ko3YvkkysZIFNPccxRU7qve1WYPxqbb2Yw8kZqa2rMWI5ng8OtvzlV7elprCbuPhcCdZ6XDP0_F8rkXds2vE4X-ncOIM8hAYHHi29NX0mcKiRaD0-D-ljQTP-cFPgwCp6X-nZZd9OHBv-B3oWh2TbqmScqXMR4gp_A"},
		{keys.A128KW, privateJWK(t, `{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"}`), "6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ"},
	} {
		for _, size := range []int{0, 32} {
			got, err := tc.key.Unwrap(keys.Encrypted{Algorithm: tc.alg, Ciphertext: decode(t, tc.wrapped)}, size)
			if err != nil || !bytes.Equal(reveal(got), rfcCEK) {
				t.Errorf("%s, size %d: %x, %v", tc.alg, size, reveal(got), err)
			}
		}
	}
}
