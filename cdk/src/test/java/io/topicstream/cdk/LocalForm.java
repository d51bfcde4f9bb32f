package io.topicstream.cdk;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import io.topicstream.aws.local.Ministack;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.apigatewayv2.CfnApi;
import software.amazon.awscdk.services.lambda.CfnFunction;
import software.amazon.awscdk.services.s3.assets.Asset;
import software.amazon.awssdk.utilslite.SdkInternalThreadLocal;

/// Functions for a [Ministack], which runs no Java itself: the archives that go to Lambda, started by the client of
/// Lambda's runtime interface, in a process for each.
final class LocalForm implements FunctionForm {
    private static final Path ARCHIVES = Path.of("..", "functions", "target", "functions");

    private final Ministack aws;
    private final Path folder;

    /// @param folder for what is deployed
    LocalForm(Ministack aws, Path folder) {
        this.aws = aws;
        this.folder = folder;
    }

    @Override
    public CfnFunction.CodeProperty code(Stack stack, FunctionKind kind) {
        Path unpacked = folder.resolve(kind.id());
        try {
            unpack(ARCHIVES.resolve(kind.archive()), unpacked);
            Path start = unpacked.resolve("bootstrap");
            Files.writeString(start, bootstrap());
            Files.setPosixFilePermissions(start, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Asset asset = Asset.Builder.create(stack, kind.id() + "Archive")
                .path(unpacked.toString())
                .build();
        return CfnFunction.CodeProperty.builder()
                .s3Bucket(asset.getS3BucketName())
                .s3Key(asset.getS3ObjectKey())
                .build();
    }

    /// The client unpacks a library to one place for all, so one after the other starts; and what ends the shell ends
    /// Java.
    private String bootstrap() {
        return """
                #!/bin/sh
                exec 9>"%s"
                flock 9
                cd "$LAMBDA_TASK_ROOT"
                "%s" -XX:+UseSerialGC -Xmx300m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \\
                    -cp "%s:$LAMBDA_TASK_ROOT:$LAMBDA_TASK_ROOT/lib/*" %s "$_HANDLER" 9>&- &
                java=$!
                trap 'kill "$java"' TERM INT
                until grep -q aws-lambda-jni "/proc/$java/maps" || ! kill -0 "$java"; do sleep 0.05; done
                flock -u 9
                wait "$java"
                """.formatted(
                        folder.resolve("starting"),
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        runtime(),
                        AWSLambda.class.getName());
    }

    /// What Lambda has itself; the function's classes are not among it.
    private static String runtime() {
        return Stream.of(AWSLambda.class, PojoSerializer.class, Context.class, SdkInternalThreadLocal.class)
                .map(LocalForm::jar)
                .collect(Collectors.joining(":"));
    }

    private static String jar(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void unpack(Path archive, Path into) throws IOException {
        try (InputStream in = Files.newInputStream(archive);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = into.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(zip, file);
                }
            }
        }
    }

    @Override
    public String revision() {
        return "local";
    }

    @Override
    public void run(CfnFunction.Builder function, FunctionKind kind) {
        function.runtime("provided.al2023").handler(kind.handler());
    }

    @Override
    public String address(CfnApi api) {
        return Fn.join("", List.of(aws.endpoint() + "/_aws/execute-api/", api.getRef()));
    }

    @Override
    public Map<String, Object> variables() {
        return Map.of("AWS_ENDPOINT_URL", aws.endpoint().toString());
    }
}
