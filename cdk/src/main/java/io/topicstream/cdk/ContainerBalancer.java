package io.topicstream.cdk;

import java.util.List;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.elasticloadbalancingv2.CfnListener;
import software.amazon.awscdk.services.elasticloadbalancingv2.CfnListenerRule;
import software.amazon.awscdk.services.elasticloadbalancingv2.CfnLoadBalancer;
import software.amazon.awscdk.services.elasticloadbalancingv2.CfnTargetGroup;

/// The load balancer, which ends the TLS.
final class ContainerBalancer {
    /// Longer than the gateway leaves a connection without a message, which is ten minutes.
    static final int IDLE_SECONDS = 900;

    private final CfnLoadBalancer balancer;
    private final CfnTargetGroup target;
    private final CfnListener listener;

    ContainerBalancer(Stack stack, ContainerNetwork network) {
        balancer = CfnLoadBalancer.Builder.create(stack, "Balancer")
                .type("application")
                .scheme("internet-facing")
                .subnets(network.subnets())
                .securityGroups(List.of(network.balancerGroup()))
                .loadBalancerAttributes(List.of(
                        attribute("idle_timeout.timeout_seconds", Integer.toString(IDLE_SECONDS)),
                        attribute("routing.http.drop_invalid_header_fields.enabled", "true"),
                        attribute("routing.http.preserve_host_header.enabled", "true")))
                .build();
        balancer.addResourceDependency(network.gateway());
        target = CfnTargetGroup.Builder.create(stack, "Target")
                .vpcId(network.vpc())
                .targetType("ip")
                .protocol("HTTP")
                .port(ContainerNetwork.SERVER_PORT)
                .healthCheckPath("/health")
                .healthCheckIntervalSeconds(10)
                .healthCheckTimeoutSeconds(5)
                .healthyThresholdCount(2)
                .unhealthyThresholdCount(3)
                .targetGroupAttributes(List.of(CfnTargetGroup.TargetGroupAttributeProperty.builder()
                        // WebSockets do not end by themselves: the server ends them, and clients come back.
                        .key("deregistration_delay.timeout_seconds")
                        .value("5")
                        .build()))
                .build();
        listener = CfnListener.Builder.create(stack, "Listener")
                .loadBalancerArn(balancer.getRef())
                .protocol("HTTPS")
                .port(443)
                .sslPolicy("ELBSecurityPolicy-TLS13-1-2-2021-06")
                .certificates(List.of(CfnListener.CertificateProperty.builder()
                        .certificateArn(Fn.ref("CertificateArn"))
                        .build()))
                .defaultActions(List.of(CfnListener.ActionProperty.builder()
                        .type("forward")
                        .targetGroupArn(target.getRef())
                        .build()))
                .build();
        CfnListenerRule.Builder.create(stack, "NotForOthers")
                .listenerArn(listener.getRef())
                .priority(1)
                .conditions(List.of(CfnListenerRule.RuleConditionProperty.builder()
                        .field("path-pattern")
                        .pathPatternConfig(CfnListenerRule.PathPatternConfigProperty.builder()
                                .values(List.of("/admin*", "/v?/admin*", "/metrics*", "/v?/metrics*"))
                                .build())
                        .build()))
                .actions(List.of(CfnListenerRule.ActionProperty.builder()
                        .type("fixed-response")
                        .fixedResponseConfig(CfnListenerRule.FixedResponseConfigProperty.builder()
                                .statusCode("404")
                                .build())
                        .build()))
                .build();
    }

    private static CfnLoadBalancer.LoadBalancerAttributeProperty attribute(String key, String value) {
        return CfnLoadBalancer.LoadBalancerAttributeProperty.builder()
                .key(key)
                .value(value)
                .build();
    }

    String name() {
        return balancer.getAttrDnsName();
    }

    String target() {
        return target.getRef();
    }

    CfnListener listener() {
        return listener;
    }
}
