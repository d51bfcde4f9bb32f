package io.topicstream.cdk;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.efs.CfnAccessPoint;
import software.amazon.awscdk.services.efs.CfnFileSystem;
import software.amazon.awscdk.services.efs.CfnMountTarget;

/// The file system with the store of the server, and with what a back end keeps. It outlives its stack.
final class ContainerStore {
    private static final String USER = "1000";
    private static final String SERVER_VOLUME = "data";
    private static final String BACK_END_VOLUME = "back-end-data";

    private final Stack stack;
    private final Choice backEnd;
    private final CfnFileSystem files;
    private final CfnAccessPoint server;
    private final CfnAccessPoint ofBackEnd;
    private final List<CfnMountTarget> targets;

    ContainerStore(Stack stack, ContainerNetwork network, Choice backEnd) {
        this.stack = stack;
        this.backEnd = backEnd;
        files = CfnFileSystem.Builder.create(stack, "Files")
                .encrypted(true)
                .performanceMode("generalPurpose")
                .throughputMode("elastic")
                .backupPolicy(CfnFileSystem.BackupPolicyProperty.builder()
                        .status("ENABLED")
                        .build())
                .fileSystemPolicy(Statements.document(List.of(
                        Values.of(
                                "Sid", "OnlyByTls",
                                "Effect", "Deny",
                                "Principal", Values.of("AWS", "*"),
                                "Action", "*",
                                "Condition", Values.of("Bool", Values.of("aws:SecureTransport", "false"))),
                        Values.of(
                                "Sid",
                                "ByRolesOfTheAccount",
                                "Effect",
                                "Allow",
                                "Principal",
                                Values.of("AWS", Fn.sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")),
                                "Action",
                                List.of("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite")))))
                .build();
        files.applyRemovalPolicy(RemovalPolicy.RETAIN);
        server = point("ServerFiles", "/server");
        ofBackEnd = backEnd.only(point("BackEndFiles", "/back-end"));
        List<String> subnets = network.subnets();
        targets = IntStream.range(0, subnets.size())
                .mapToObj(i -> CfnMountTarget.Builder.create(stack, "Files" + i)
                        .fileSystemId(files.getRef())
                        .subnetId(subnets.get(i))
                        .securityGroups(List.of(network.filesGroup()))
                        .build())
                .toList();
    }

    private CfnAccessPoint point(String id, String path) {
        return CfnAccessPoint.Builder.create(stack, id)
                .fileSystemId(files.getRef())
                .posixUser(CfnAccessPoint.PosixUserProperty.builder()
                        .uid(USER)
                        .gid(USER)
                        .build())
                .rootDirectory(CfnAccessPoint.RootDirectoryProperty.builder()
                        .path(path)
                        .creationInfo(CfnAccessPoint.CreationInfoProperty.builder()
                                .ownerUid(USER)
                                .ownerGid(USER)
                                .permissions("0700")
                                .build())
                        .build())
                .build();
    }

    String fileSystem() {
        return files.getRef();
    }

    /// What must be there before a task begins.
    List<CfnMountTarget> targets() {
        return targets;
    }

    /// The volumes of a task.
    List<Object> volumes() {
        return List.of(volume(SERVER_VOLUME, server), backEnd.of(volume(BACK_END_VOLUME, ofBackEnd), Values.NONE));
    }

    private Map<String, Object> volume(String name, CfnAccessPoint point) {
        return Values.of(
                "Name",
                name,
                "EFSVolumeConfiguration",
                Values.of(
                        "FilesystemId",
                        files.getRef(),
                        "TransitEncryption",
                        "ENABLED",
                        "AuthorizationConfig",
                        Values.of("AccessPointId", point.getRef(), "IAM", "ENABLED")));
    }

    /// Where the server has its store.
    Map<String, Object> serverMount() {
        return mount(SERVER_VOLUME);
    }

    Map<String, Object> backEndMount() {
        return mount(BACK_END_VOLUME);
    }

    private static Map<String, Object> mount(String volume) {
        return Values.of("ContainerPath", "/data", "SourceVolume", volume, "ReadOnly", false);
    }

    /// What a task needs to use it.
    List<Object> statements() {
        return List.of(mayUse(server), backEnd.of(mayUse(ofBackEnd), Values.NONE));
    }

    private Map<String, Object> mayUse(CfnAccessPoint point) {
        return Values.of(
                "Effect",
                "Allow",
                "Action",
                List.of("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"),
                "Resource",
                files.getAttrArn(),
                "Condition",
                Values.of("StringEquals", Values.of("elasticfilesystem:AccessPointArn", point.getAttrArn())));
    }
}
