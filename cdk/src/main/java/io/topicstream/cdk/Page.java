package io.topicstream.cdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudfront.CfnDistribution;
import software.amazon.awscdk.services.cloudfront.CfnFunction;
import software.amazon.awscdk.services.cloudfront.CfnOriginAccessControl;
import software.amazon.awscdk.services.cloudfront.CfnResponseHeadersPolicy;
import software.amazon.awscdk.services.s3.CfnBucket;
import software.amazon.awscdk.services.s3.CfnBucketPolicy;

/// The chat page: files in a bucket that nobody but CloudFront may read, and beside them, under the same address, the
/// WebSockets that it speaks to. So the page is at home at its server, and neither knows the other's name.
final class Page {
    private static final String FUNCTION = "page.js";
    /// The stage that the page speaks to.
    private static final String SOCKETS = "/v1";

    private static final String FILES_ORIGIN = "files";
    private static final String DOOR_ORIGIN = "door";

    // Policies that AWS has in every account, under these ids.
    private static final String CACHED_AS_FILES_SAY = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    private static final String NEVER_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
    private static final String ALL_BUT_THE_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

    /// As a server sends it with the page.
    private static final String CONTENT_SECURITY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types topicstream";

    private static final int YEAR_IN_SECONDS = 365 * 24 * 3600;
    private static final String BUILT = "web/target/classes/io/topicstream/web/chat";

    private final Stack stack;
    private final Choice where;
    private final CfnBucket bucket;
    private final CfnDistribution distribution;

    static void make(Stack stack, Inputs inputs, Doors doors) {
        if (!inputs.page().isNever()) {
            new Outputs(stack).page(inputs.page(), new Page(stack, inputs.page(), doors.sockets()));
        }
    }

    private Page(Stack stack, Choice where, WebSocketDoor sockets) {
        this.stack = stack;
        this.where = where;
        bucket = bucket();
        distribution = distribution(sockets);
        where.only(CfnBucketPolicy.Builder.create(stack, "PageBucketPolicy")
                .bucket(bucket.getRef())
                .policyDocument(Statements.document(List.of(
                        forDistribution("EachFileOfThePage", "s3:GetObject", bucket.getAttrArn() + "/*"),
                        // So a file that is not there is one that is not found, and not a forbidden one.
                        forDistribution("WhatIsNotThere", "s3:ListBucket", bucket.getAttrArn()),
                        PrivateBucket.onlyByTls(bucket))))
                .build());
    }

    private CfnBucket bucket() {
        CfnBucket made = where.only(PrivateBucket.builder(stack, "PageBucket")
                .bucketEncryption(CfnBucket.BucketEncryptionProperty.builder()
                        .serverSideEncryptionConfiguration(List.of(CfnBucket.ServerSideEncryptionRuleProperty.builder()
                                .serverSideEncryptionByDefault(CfnBucket.ServerSideEncryptionByDefaultProperty.builder()
                                        .sseAlgorithm("AES256")
                                        .build())
                                .build()))
                        .build())
                .build());
        // Its files come from the build. Who removes the system empties it first.
        made.applyRemovalPolicy(RemovalPolicy.DESTROY);
        return made;
    }

    private Object forDistribution(String why, String action, String resource) {
        return Values.of(
                "Sid",
                why,
                "Effect",
                "Allow",
                "Principal",
                Values.of("Service", "cloudfront.amazonaws.com"),
                "Action",
                action,
                "Resource",
                resource,
                "Condition",
                Values.of(
                        "StringEquals",
                        Values.of(
                                "aws:SourceArn",
                                Fn.join(
                                        "",
                                        List.of(
                                                Fn.sub(
                                                        "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/"),
                                                distribution.getRef())))));
    }

    private CfnDistribution distribution(WebSocketDoor sockets) {
        CfnFunction function = where.only(CfnFunction.Builder.create(stack, "PageFunction")
                .name(name("page"))
                .autoPublish(true)
                .functionCode(function())
                .functionConfig(CfnFunction.FunctionConfigProperty.builder()
                        .comment("The server's address for the chat page, which is at home here")
                        .runtime("cloudfront-js-2.0")
                        .build())
                .build());
        List<Object> atTheEdge = List.of(CfnDistribution.FunctionAssociationProperty.builder()
                .eventType("viewer-request")
                .functionArn(function.getAttrFunctionArn())
                .build());
        String headers = headers();
        return where.only(CfnDistribution.Builder.create(stack, "PageDistribution")
                .distributionConfig(CfnDistribution.DistributionConfigProperty.builder()
                        .enabled(true)
                        .comment("The chat page of TopicStream")
                        .defaultRootObject("index.html")
                        .httpVersion("http2and3")
                        .ipv6Enabled(true)
                        .origins(List.of(files(), door(sockets)))
                        .defaultCacheBehavior(CfnDistribution.DefaultCacheBehaviorProperty.builder()
                                .targetOriginId(FILES_ORIGIN)
                                .viewerProtocolPolicy("redirect-to-https")
                                .allowedMethods(List.of("GET", "HEAD"))
                                .compress(true)
                                .cachePolicyId(CACHED_AS_FILES_SAY)
                                .responseHeadersPolicyId(headers)
                                .functionAssociations(atTheEdge)
                                .build())
                        .cacheBehaviors(List.of(CfnDistribution.CacheBehaviorProperty.builder()
                                .pathPattern(SOCKETS)
                                .targetOriginId(DOOR_ORIGIN)
                                .viewerProtocolPolicy("https-only")
                                .allowedMethods(List.of("GET", "HEAD"))
                                .cachePolicyId(NEVER_CACHED)
                                .originRequestPolicyId(ALL_BUT_THE_HOST)
                                .functionAssociations(atTheEdge)
                                .build()))
                        .viewerCertificate(CfnDistribution.ViewerCertificateProperty.builder()
                                .cloudFrontDefaultCertificate(true)
                                .build())
                        .build())
                .build());
    }

    private CfnDistribution.OriginProperty files() {
        CfnOriginAccessControl access = where.only(CfnOriginAccessControl.Builder.create(stack, "PageAccess")
                .originAccessControlConfig(CfnOriginAccessControl.OriginAccessControlConfigProperty.builder()
                        .name(name("page"))
                        .originAccessControlOriginType("s3")
                        .signingBehavior("always")
                        .signingProtocol("sigv4")
                        .build())
                .build());
        return CfnDistribution.OriginProperty.builder()
                .id(FILES_ORIGIN)
                .domainName(bucket.getAttrRegionalDomainName())
                .originAccessControlId(access.getAttrId())
                .s3OriginConfig(CfnDistribution.S3OriginConfigProperty.builder()
                        .originAccessIdentity("")
                        .build())
                .build();
    }

    private static CfnDistribution.OriginProperty door(WebSocketDoor sockets) {
        return CfnDistribution.OriginProperty.builder()
                .id(DOOR_ORIGIN)
                .domainName(Stages.host(sockets.api()))
                .customOriginConfig(CfnDistribution.CustomOriginConfigProperty.builder()
                        .originProtocolPolicy("https-only")
                        .originSslProtocols(List.of("TLSv1.2"))
                        .build())
                .build();
    }

    private String headers() {
        return where.only(CfnResponseHeadersPolicy.Builder.create(stack, "PageHeaders")
                        .responseHeadersPolicyConfig(
                                CfnResponseHeadersPolicy.ResponseHeadersPolicyConfigProperty.builder()
                                        .name(name("page"))
                                        .securityHeadersConfig(
                                                CfnResponseHeadersPolicy.SecurityHeadersConfigProperty.builder()
                                                        .contentSecurityPolicy(
                                                                CfnResponseHeadersPolicy.ContentSecurityPolicyProperty
                                                                        .builder()
                                                                        .contentSecurityPolicy(CONTENT_SECURITY)
                                                                        .override(true)
                                                                        .build())
                                                        .contentTypeOptions(
                                                                CfnResponseHeadersPolicy.ContentTypeOptionsProperty
                                                                        .builder()
                                                                        .override(true)
                                                                        .build())
                                                        .referrerPolicy(
                                                                CfnResponseHeadersPolicy.ReferrerPolicyProperty
                                                                        .builder()
                                                                        .referrerPolicy("no-referrer")
                                                                        .override(true)
                                                                        .build())
                                                        .strictTransportSecurity(
                                                                CfnResponseHeadersPolicy.StrictTransportSecurityProperty
                                                                        .builder()
                                                                        .accessControlMaxAgeSec(YEAR_IN_SECONDS)
                                                                        .override(true)
                                                                        .build())
                                                        .build())
                                        .customHeadersConfig(
                                                CfnResponseHeadersPolicy.CustomHeadersConfigProperty.builder()
                                                        .items(List.of(
                                                                CfnResponseHeadersPolicy.CustomHeaderProperty.builder()
                                                                        .header("Cross-Origin-Opener-Policy")
                                                                        .value("same-origin")
                                                                        .override(true)
                                                                        .build()))
                                                        .build())
                                        .build())
                        .build())
                .getRef();
    }

    /// CloudFront wants a name for what an account has once in all regions. The id of the stack makes it another one
    /// for each system, and the stack's own name could be too long.
    private static String name(String what) {
        return Fn.join("-", List.of("topicstream", what, Fn.select(2, Fn.split("/", Aws.STACK_ID))));
    }

    private static String function() {
        try (InputStream file = Objects.requireNonNull(Page.class.getResourceAsStream(FUNCTION))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return Fn.join("", List.of("https://", distribution.getAttrDomainName(), "/"));
    }

    String bucketName() {
        return bucket.getRef();
    }

    /// What is named by its content is kept for ever, and comes first, for the rest names it.
    String publishCommand() {
        return Fn.join(
                "",
                List.of(
                        "aws s3 sync " + BUILT + "/assets s3://",
                        bucket.getRef(),
                        "/assets --cache-control 'public, max-age=31536000, immutable' && aws s3 sync " + BUILT
                                + " s3://",
                        bucket.getRef(),
                        " --exclude 'assets/*' --exclude config.json --cache-control no-cache"));
    }
}
