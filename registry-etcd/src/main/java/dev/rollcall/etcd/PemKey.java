package dev.rollcall.etcd;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Private keys in PEM files, unencrypted, as PKCS#8. */
final class PemKey {
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private PemKey() {}

    /** The first key of a file. */
    static PrivateKey parse(byte[] pem) throws GeneralSecurityException {
        Matcher key = KEY.matcher(new String(pem, US_ASCII));
        if (!key.find()) {
            throw new InvalidKeySpecException("no unencrypted key in PKCS#8");
        }
        PKCS8EncodedKeySpec form =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key.group(1)));
        InvalidKeySpecException failure = new InvalidKeySpecException("a key of no known kind");
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(form);
            } catch (InvalidKeySpecException e) {
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    /** Whether what {@code own} signs is what {@code other} verifies. */
    static boolean isOf(PrivateKey own, PublicKey other) {
        String algorithm = own.getAlgorithm();
        String scheme =
                algorithm.equals("RSA") ? "SHA256withRSA" : algorithm.equals("EC") ? "SHA256withECDSA" : "EdDSA";
        byte[] text = "rollcall".getBytes(US_ASCII);
        try {
            Signature signer = Signature.getInstance(scheme);
            signer.initSign(own);
            signer.update(text);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(scheme);
            verifier.initVerify(other);
            verifier.update(text);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // Of another kind, so not of this one.
            return false;
        }
    }
}
