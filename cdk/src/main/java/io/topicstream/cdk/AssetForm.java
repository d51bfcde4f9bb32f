package io.topicstream.cdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.lambda.CfnFunction;
import software.amazon.awscdk.services.s3.assets.Asset;

/// Code in the archives that the build has left, which CDK uploads.
final class AssetForm implements FunctionForm {
    private static final int REVISION_LENGTH = 16;

    private final Path archives;
    private final String revision;

    /// @param archives the folder with them
    /// @param source what was chosen
    /// @throws IllegalArgumentException if an archive is missing
    AssetForm(Path archives, Source source) {
        this.archives = archives;
        MessageDigest digest = digest();
        try {
            for (FunctionKind kind : FunctionKind.values()) {
                Path archive = archives.resolve(kind.archive());
                if (!Files.isRegularFile(archive)) {
                    throw new IllegalArgumentException("There is no " + archive
                            + ". Build it first: mvn -Pquick -DskipTests -pl functions -am package");
                }
                digest.update(Files.readAllBytes(archive));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Input input : Input.values()) {
            digest.update((input.parameter() + "=" + source.text(input) + "\n").getBytes(UTF_8));
        }
        revision = HexFormat.of().formatHex(digest.digest()).substring(0, REVISION_LENGTH);
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public CfnFunction.CodeProperty code(Stack stack, FunctionKind kind) {
        Asset asset = Asset.Builder.create(stack, kind.id() + "Archive")
                .path(archives.resolve(kind.archive()).toString())
                .build();
        return CfnFunction.CodeProperty.builder()
                .s3Bucket(asset.getS3BucketName())
                .s3Key(asset.getS3ObjectKey())
                .build();
    }

    @Override
    public String revision() {
        return revision;
    }
}
