using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;
using Microsoft.AspNetCore.Hosting;

namespace ZohoPlatform.Grpc.Tests;

public sealed class TlsTests
{
    [Fact]
    public async Task Calls_go_over_tls_to_a_server_whose_certificate_is_trusted()
    {
        using var certificate = SelfSigned();
        await using var host = await TestHost.StartAsync(listen: listen => listen.UseHttps(certificate));
        Assert.Equal("https", host.Address.Scheme);
        using var handler = Trusting(certificate);
        using var channel =
            GrpcChannel.ForAddress(host.Address, new() { HttpHandler = handler, Credentials = ChannelCredentials.SecureSsl });

        var response = await new TestService.TestServiceClient(channel).UnaryCallAsync(new() { ResponseSize = 9 }).ResponseAsync.Soon();

        Assert.Equal(9, response.Payload.Body.Length);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_unavailable()
    {
        using var certificate = SelfSigned();
        await using var host = await TestHost.StartAsync(listen: listen => listen.UseHttps(certificate));

        var error = await host.Client.UnaryCallAsync(new()).ResponseAsync.FailsAsync();

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task Call_credentials_are_sent_over_tls_only_unless_told_otherwise()
    {
        using var certificate = SelfSigned();
        await using var secure = await TestHost.StartAsync(listen: listen => listen.UseHttps(certificate));
        await using var plain = await TestHost.StartAsync();
        secure.Handlers.Unary = plain.Handlers.Unary = (_, context) =>
            Task.FromResult(new SimpleResponse { Username = context.RequestHeaders.GetValue("authorization") ?? "nobody" });
        var ofCall = CallCredentials.FromInterceptor((context, metadata) =>
        {
            metadata.Add("authorization", $"{context.ServiceUrl} {context.MethodName}");
            return Task.CompletedTask;
        });

        using var handler = Trusting(certificate);
        using var secureChannel = GrpcChannel.ForAddress(secure.Address, new() { HttpHandler = handler });
        using var unsafeChannel = GrpcChannel.ForAddress(plain.Address, new()
        {
            UnsafeUseInsecureChannelCallCredentials = true,
            Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, ofCall),
        });

        Assert.Equal($"{secure.Address}grpc.testing.TestService UnaryCall", await WhoAsync(secureChannel, ofCall));
        Assert.Equal("nobody", await WhoAsync(plain.Channel, ofCall));
        Assert.Equal($"{plain.Address}grpc.testing.TestService UnaryCall", await WhoAsync(unsafeChannel, null));

        static async Task<string> WhoAsync(GrpcChannel channel, CallCredentials? credentials) =>
            (await new TestService.TestServiceClient(channel)
                .UnaryCallAsync(new(), new CallOptions(credentials: credentials)).ResponseAsync.Soon()).Username;
    }

    [Fact]
    public void Credentials_and_address_must_agree()
    {
        Assert.Throws<InvalidOperationException>(() =>
            GrpcChannel.ForAddress("http://localhost", new() { Credentials = ChannelCredentials.SecureSsl }));
        Assert.Throws<InvalidOperationException>(() =>
            GrpcChannel.ForAddress("https://localhost", new() { Credentials = ChannelCredentials.Insecure }));
    }

    private static SocketsHttpHandler Trusting(X509Certificate2 certificate) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString(),
        },
    };

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();

        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
    }
}
