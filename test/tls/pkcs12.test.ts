// PKCS #12 files as `openssl pkcs12 -export` writes them: a P-256 key, its certificate for CN=Plant,
// and the passphrase 'sesame' but for the last one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configError, createClient } from '../support/tls-core';

const files = {
  /** OpenSSL 3's default: AES-256-CBC with PBKDF2. */
  aes: `
    MIIEDAIBAzCCA8IGCSqGSIb3DQEHAaCCA7MEggOvMIIDqzCCAmIGCSqGSIb3DQEHBqCCAlMwggJPAgEAMIICSAYJKoZI
    hvcNAQcBMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjLHVEv7CvJ/wICCAAwDAYIKoZIhvcNAgkFADAdBglg
    hkgBZQMEASoEEDbhXD3svdwfM/9aDEcgsWWAggHghqmRGniNM/RdRyQga+M9Hd9GpS0ZaOGDHOAN+Z8WWqZ2XUB+x86t
    wSKCZxqKoOznT82iosfX9w1jHdeh7cfRgpcf5bAgMC0fsO9fJVzCoEI1HOoPjP9RDOBLPXG2YSonUxf9i9ehvRu3vyc3
    Anen8s6J9QWOi6POqfAdse1HHDH9+aI4+Mx6m6cC0lG6WrZN8auS3CdoJ1RkTIHNsb4vDLPUVCdwz850FGzAiKAFxU6Q
    GfNAJkXnGSFudpCmJ4PNxeIOUZJT36sta741zWNAIzZJMGFAd7p+6rP1vq0/jlS3csKq/GpqIuo95eqm2KcLIINN2Hhx
    46ovyNXxFZprF5dPU+zqkL4uqe+sTDpES+9hDdD3hobCquEURCA4fnIYIbq9PNsDNq7kd5GzEHuVYfanSE6Csj03icqG
    QgTco2p5/7HVQeYb0GZWYBregEwg+aNUp5ctVHTn35En7FCfnjyqxCMpzXY4IRzz4Uivsy2lnxpZ17vnix26kl4l0YgK
    R8XuQ7RYyjTyOckzNvlFUXFO/qLlT85nZ/OKxKnmjsPeqfMMz1c9CyllZnHlrnDQnLBJdTIUVZ4ShEVRFoX51mRbNv3K
    2ajMf2uW0o/JYaT0+0CTkJXkXit1RY+lVEuwMIIBQQYJKoZIhvcNAQcBoIIBMgSCAS4wggEqMIIBJgYLKoZIhvcNAQwK
    AQKgge8wgewwVwYJKoZIhvcNAQUNMEowKQYJKoZIhvcNAQUMMBwECAwFnDOYnXd9AgIIADAMBggqhkiG9w0CCQUAMB0G
    CWCGSAFlAwQBKgQQD1Ss7W9X/qNcy7fAcbSUEQSBkG3cef00R+EAglm3DWcds2N7e/2FIBNIjgOyVRu7Dy5BEsNJ8QyG
    9HsyV5An7HTZeA41o9R/L2XC84jCSCxjoXwowAgeGnefBC0qcfQjd9N/FJVgQSWD8DO1459o+CQGQxrNSvwMLoyRJg1p
    hWa5479TqdW4PVB7uJd4DLWrLAgDVnrbhGZMcPtoFTNt3G7EZDElMCMGCSqGSIb3DQEJFTEWBBR3ZT1TAHShzSy+mqEA
    dMpwN9TPmTBBMDEwDQYJYIZIAWUDBAIBBQAEIDbRivllG5v5wPUyBMRSQtW8yFRqTGwIf/IYdjjLJZAbBAhFZrfzd1DJ
    rgICCAA=`,
  /** With -legacy: RC2-40-CBC, as Windows wrote them for long. */
  rc2: `
    MIIDegIBAzCCA0AGCSqGSIb3DQEHAaCCAzEEggMtMIIDKTCCAh8GCSqGSIb3DQEHBqCCAhAwggIMAgEAMIICBQYJKoZI
    hvcNAQcBMBwGCiqGSIb3DQEMAQYwDgQI1F3JTJn+7kECAggAgIIB2IYk328rxWMxZvQE64aEner4Qd0yIRAonbtGRum1
    uON/OoXTa5WXi6A5gdZTehoAfAzBCvmllHrgO8O61Bp7bHO9y+plZwYFNO0qmkzl3vmz6e7NKRQvWX7xbA7yj41gpNs8
    qEQKNkWzulcNtT/8HG3eji0nNi3QIx8r5pmluwBHg8bop/GAhiF4f3QVwtFqHKaDTqURk+WKzGh53srJyMtYMqNM1Zkx
    uPvj0lkRszCqdXWeM2Ik6IcYWJjmLesBo8VahQnR2Ajfk1RaEJXTV9ezPVEfv4Jj1e+yseIeBReJua+zUDxwrYMXX/Z6
    GiMSnbNEuMOf2sCiKKAVX2r9uy6FVhVUl6WVI+IUUxxYpeQnXNab75rmCC3ubGomaGEV32fH1nFszyNEuOrtEqWFqADA
    BO4Ul/3budXzdu3S/NzYxXRAkH7l2XrVyPWVh32yKE1nbATYvetCZZ+bLNI4CM4UhoHTSpgIb/cxzXDPVmOIkuRAqDO1
    UIfF+CSer4hO0Bv29/UGW+OCKv4OsFi8jz13mAxb9mBHBMaGZ3Mh5+PldPUODrAEP2KkWJLyyUADX8PWfRWOrUR+qqeT
    3bzM0t7Uv0ZpQFYYmYDlih8VsrwAEzFgJqAcoekwggECBgkqhkiG9w0BBwGggfQEgfEwge4wgesGCyqGSIb3DQEMCgEC
    oIG0MIGxMBwGCiqGSIb3DQEMAQMwDgQIOcsbZZ/TIIkCAggABIGQT70D4Y6Vw1CTqN1gItaWSepQU8nUAw51UoLrz5H3
    kHdfRe2BFPS2fOnYUpw7oC02cCaSAPJxCb+tlXqYaBtjXAvP8EqhMPS7gIuN9ySBACsmU2FrP2N8tLkkcwKJdTeuJhn2
    mrM1vSRy4nnL89HnhuThEE6DnyzIBLgoQe9R3Ne8Ix6IzGrQV3KrBOKlsoVXMSUwIwYJKoZIhvcNAQkVMRYEFHdlPVMA
    dKHNLL6aoQB0ynA31M+ZMDEwITAJBgUrDgMCGgUABBSRb78q5HEkjf7pA11OqXw9yzvmIAQIsAAcgGs6wF8CAggA`,
  /** Neither encrypted nor with a MAC. */
  plain: `
    MIIC4gIBAzCCAtsGCSqGSIb3DQEHAaCCAswEggLIMIICxDCCAeUGCSqGSIb3DQEHAaCCAdYEggHSMIIBzjCCAcoGCyqG
    SIb3DQEMCgEDoIIBkjCCAY4GCiqGSIb3DQEJFgGgggF+BIIBejCCAXYwggEdoAMCAQICFHeKz+e7ULmrsRtn13R8SUAB
    Tr3LMAoGCCqGSM49BAMCMBAxDjAMBgNVBAMMBVBsYW50MCAXDTI2MTEyMjE5NDMwNFoYDzIxMjYxMDI5MTk0MzA0WjAQ
    MQ4wDAYDVQQDDAVQbGFudDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN9+elf5em6rlkRPKoUEwl6TO/1MWpsqvPzy
    M3Df1mQqYGABbOQ9cxQ9Ra3umQ+gR5GAk8Wi7o6xJhQJrpHe/+SjUzBRMB0GA1UdDgQWBBTbN9pxNTqpRJY1PQ62YbQ2
    7FuvvjAfBgNVHSMEGDAWgBTbN9pxNTqpRJY1PQ62YbQ27FuvvjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cA
    MEQCICYab8nVHB9TKLbbhNwC4qYbgowe4f7mLYjT87oJZu9sAiB/8QRo1PYAIof+QTl/7VMDkWF6QgjZt7WgLQ1Ui02l
    EzElMCMGCSqGSIb3DQEJFTEWBBR3ZT1TAHShzSy+mqEAdMpwN9TPmTCB2AYJKoZIhvcNAQcBoIHKBIHHMIHEMIHBBgsq
    hkiG9w0BDAoBAaCBijCBhwIBADATBgcqhkjOPQIBBggqhkjOPQMBBwRtMGsCAQEEIBIpJt7nbT6OV7S7wj5+YYFA/LYl
    WDNQIGIwkN2owJePoUQDQgAE3356V/l6bquWRE8qhQTCXpM7/Uxamyq8/PIzcN/WZCpgYAFs5D1zFD1Fre6ZD6BHkYCT
    xaLujrEmFAmukd7/5DElMCMGCSqGSIb3DQEJFTEWBBR3ZT1TAHShzSy+mqEAdMpwN9TPmQ==`,
  /** With -nokeys. */
  withoutKey: `
    MIIClwIBAzCCAk0GCSqGSIb3DQEHAaCCAj4EggI6MIICNjCCAjIGCSqGSIb3DQEHBqCCAiMwggIfAgEAMIICGAYJKoZI
    hvcNAQcBMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgibE/yuJIMAQICCAAwDAYIKoZIhvcNAgkFADAdBglg
    hkgBZQMEASoEECWQr+usooSGuJ7sCx0zxj+AggGwlO/z4rM76Fr4o1PcFumFXHyWMTzoMa9aHEGSTorD+VEbUG9lNG41
    MlmO/764QHjplPgYAruQTql5RaCLVm+P7IPNO29w9jP/eUc/s1i+qFuWZFLfYXmpiho6caRm5k+jG2e4gHVn+mNIeZXN
    X+dhsQEaOrnyvTFI9RBoH+d7RXJqh+CAWNtYFnzfj7rcYp5BfEKX725c6qFkzsu9VXRhsIMtdUoiaVg6KeXw2sbyuynF
    dwuUHucIg4d99xea8GsULU/TcsHaxu692AWhOkHQxSNULXQnnqIAuRNgoDgWzlDpQ3SXKXMyTfuzMhEWOGeV0LCYm9KB
    gengROp+o55+zQudIWvi/NOZigIhbDiIHSg8jmBdj8k7Kr/E8fbmPZrSBO3VpEVS2+fKwrWKsvjHNuKBwrpFzs9WJN6A
    +hCW02PqKFVMUhnTRmu0QWgJ7wjfmGhQnsSqPrVoK2/GjVLPEF1R80oTGEKip0+COsatC45tQsiKlp31Hg+gUAdHP/HB
    gS7XMLSOKiDdNfJxhJL08RLILwzsU1p+/dpCZLvrjskM7rvOvNM0FAm1jVdlMrX8MEEwMTANBglghkgBZQMEAgEFAAQg
    P7JuFTCnDm7CY6mGKgqXaCAD7bV/a/YXLlw/vxBfY+UECOxcA/9moqzeAgIIAA==`,
};

const target = { host: 'localhost', port: 1 };
const fileOf = (name: keyof typeof files): Buffer => Buffer.from(files[name], 'base64');

test('the passphrase opens it', () => {
  createClient({ pkcs12: fileOf('aes'), passphrase: 'sesame' }, target);
  createClient({ pkcs12: fileOf('plain') }, target);
  createClient({ pkcs12: fileOf('plain'), passphrase: '' }, target);
});

test('a wrong, an empty or no passphrase', () => {
  const pkcs12 = fileOf('aes');
  for (const config of [{ pkcs12, passphrase: 'wrong' }, { pkcs12, passphrase: '' }, { pkcs12 }]) {
    assert.deepEqual(configError(config), {
      code: 'InvalidOption',
      detail: 'sslConfig.pkcs12: the passphrase is missing or wrong',
    });
  }
});

test('a file that needs the legacy provider says so', () => {
  const error = configError({ pkcs12: fileOf('rc2'), passphrase: 'sesame' });
  assert.equal(error.code, 'InvalidOption');
  assert.match(error.detail, /^sslConfig\.pkcs12: .*RC2.*--openssl-legacy-provider/);
});

test('a file without a key', () => {
  const error = configError({ pkcs12: fileOf('withoutKey'), passphrase: 'sesame' });
  assert.equal(error.detail, 'sslConfig.pkcs12: holds no private key');
});

test('a file that is cut short anywhere', () => {
  const whole = fileOf('aes');
  for (let end = 1; end < whole.length; end++) {
    const error = configError({ pkcs12: whole.subarray(0, end), passphrase: 'sesame' });
    assert.equal(error.code, 'InvalidOption');
  }
});
