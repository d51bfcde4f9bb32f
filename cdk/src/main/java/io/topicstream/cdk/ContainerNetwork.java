package io.topicstream.cdk;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.CfnTag;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.CfnInternetGateway;
import software.amazon.awscdk.services.ec2.CfnRoute;
import software.amazon.awscdk.services.ec2.CfnRouteTable;
import software.amazon.awscdk.services.ec2.CfnSecurityGroup;
import software.amazon.awscdk.services.ec2.CfnSecurityGroupEgress;
import software.amazon.awscdk.services.ec2.CfnSecurityGroupIngress;
import software.amazon.awscdk.services.ec2.CfnSubnet;
import software.amazon.awscdk.services.ec2.CfnSubnetRouteTableAssociation;
import software.amazon.awscdk.services.ec2.CfnVPC;
import software.amazon.awscdk.services.ec2.CfnVPCGatewayAttachment;

/// A network with two public subnets, and who may talk to whom in it. There is no NAT gateway, which would cost more
/// than the task: the task has an address of its own, at which nobody but the load balancer is let in.
final class ContainerNetwork {
    static final String ADDRESSES = "10.79.0.0/16";
    static final int SERVER_PORT = 8080;
    private static final int FILES_PORT = 2049;
    private static final String ANYWHERE = "0.0.0.0/0";

    private final Stack stack;
    private final CfnVPC vpc;
    private final CfnVPCGatewayAttachment gateway;
    private final List<CfnSubnet> subnets;
    private final CfnSecurityGroup balancer;
    private final CfnSecurityGroup task;
    private final CfnSecurityGroup files;

    ContainerNetwork(Stack stack) {
        this.stack = stack;
        vpc = CfnVPC.Builder.create(stack, "Network")
                .cidrBlock(ADDRESSES)
                .enableDnsHostnames(true)
                .enableDnsSupport(true)
                .tags(List.of(named()))
                .build();
        CfnInternetGateway internet = CfnInternetGateway.Builder.create(stack, "Internet")
                .tags(List.of(named()))
                .build();
        gateway = CfnVPCGatewayAttachment.Builder.create(stack, "InternetAttachment")
                .vpcId(vpc.getRef())
                .internetGatewayId(internet.getRef())
                .build();
        CfnRouteTable routes = CfnRouteTable.Builder.create(stack, "Routes")
                .vpcId(vpc.getRef())
                .tags(List.of(named()))
                .build();
        CfnRoute route = CfnRoute.Builder.create(stack, "RouteOut")
                .routeTableId(routes.getRef())
                .destinationCidrBlock(ANYWHERE)
                .gatewayId(internet.getRef())
                .build();
        route.addResourceDependency(gateway);
        subnets = IntStream.range(0, 2).mapToObj(i -> subnet(i, routes)).toList();

        balancer = group("BalancerGroup", "The load balancer of TopicStream");
        task = group("TaskGroup", "The task of TopicStream");
        files = group("FilesGroup", "The file system of TopicStream");
        in("BalancerIn", balancer, null, 443, "Clients");
        out("BalancerOut", balancer, task, SERVER_PORT, "The server");
        in("TaskIn", task, balancer, SERVER_PORT, "The load balancer alone");
        out("TaskOut", task, null, 443, "The image, logs, secrets, issuers, webhooks");
        out("TaskFiles", task, files, FILES_PORT, "The file system");
        in("FilesIn", files, task, FILES_PORT, "The task alone");
    }

    private CfnTag named() {
        return CfnTag.builder()
                .key("Name")
                .value(Fn.join("-", List.of(Fn.ref("ProjectName"), Fn.ref("Environment"))))
                .build();
    }

    private CfnSubnet subnet(int index, CfnRouteTable routes) {
        CfnSubnet subnet = CfnSubnet.Builder.create(stack, "Subnet" + index)
                .vpcId(vpc.getRef())
                .availabilityZone(Fn.select(index, Fn.getAzs("")))
                .cidrBlock("10.79." + index + ".0/24")
                .tags(List.of(named()))
                .build();
        CfnSubnetRouteTableAssociation.Builder.create(stack, "Subnet" + index + "Routes")
                .subnetId(subnet.getRef())
                .routeTableId(routes.getRef())
                .build();
        return subnet;
    }

    private CfnSecurityGroup group(String id, String description) {
        return CfnSecurityGroup.Builder.create(stack, id)
                .vpcId(vpc.getRef())
                .groupDescription(description)
                // Without any rule a group lets everything out.
                .securityGroupEgress(List.of(CfnSecurityGroup.EgressProperty.builder()
                        .ipProtocol("icmp")
                        .fromPort(252)
                        .toPort(86)
                        .cidrIp("255.255.255.255/32")
                        .description("Nothing, in place of the default, which is everything")
                        .build()))
                .build();
    }

    private void in(String id, CfnSecurityGroup to, @Nullable CfnSecurityGroup from, int port, String description) {
        CfnSecurityGroupIngress.Builder rule = CfnSecurityGroupIngress.Builder.create(stack, id)
                .groupId(to.getAttrGroupId())
                .ipProtocol("tcp")
                .fromPort(port)
                .toPort(port)
                .description(description);
        if (from == null) {
            rule.cidrIp(ANYWHERE);
        } else {
            rule.sourceSecurityGroupId(from.getAttrGroupId());
        }
        rule.build();
    }

    private void out(String id, CfnSecurityGroup from, @Nullable CfnSecurityGroup to, int port, String description) {
        CfnSecurityGroupEgress.Builder rule = CfnSecurityGroupEgress.Builder.create(stack, id)
                .groupId(from.getAttrGroupId())
                .ipProtocol("tcp")
                .fromPort(port)
                .toPort(port)
                .description(description);
        if (to == null) {
            rule.cidrIp(ANYWHERE);
        } else {
            rule.destinationSecurityGroupId(to.getAttrGroupId());
        }
        rule.build();
    }

    String vpc() {
        return vpc.getRef();
    }

    List<String> subnets() {
        return subnets.stream().map(CfnSubnet::getRef).toList();
    }

    /// What must be there before anything can be reached.
    CfnVPCGatewayAttachment gateway() {
        return gateway;
    }

    String balancerGroup() {
        return balancer.getAttrGroupId();
    }

    String taskGroup() {
        return task.getAttrGroupId();
    }

    String filesGroup() {
        return files.getAttrGroupId();
    }
}
