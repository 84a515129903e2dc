using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ZohoPlatform.Cli.Tests.Hosting;
using ZohoPlatform.Client;
using ZohoPlatform.Contracts.Common.V1;

namespace ZohoPlatform.Cli.Tests;

/// <summary>The client in a host with dependency injection.</summary>
public sealed class HostedClientTests
{
    private const string Key = PlayedGateway.Key;

    [Theory]
    [InlineData(null, null, Key, "Url is not set")]
    [InlineData("platform.example.com", null, Key, "Url is no address")]
    [InlineData("ftp://platform.example.com", null, Key, "Url is no address")]
    [InlineData("https://platform.example.com/?key=1", null, Key, "Url is no address")]
    [InlineData("https://user:word@platform.example.com", null, Key, "Url is no address")]
    [InlineData("https://platform.example.com", "platform.example.com:8081", Key, "GrpcUrl is no address")]
    [InlineData("https://platform.example.com", "https://platform.example.com/grpc", Key, "GrpcUrl is no address")]
    [InlineData("https://platform.example.com", null, " ", "ApiKey is not set")]
    [InlineData("https://platform.example.com", null, "fake-key-of-another-make", "ApiKey is no key")]
    [InlineData("https://platform.example.com", null, Key + "\n", "ApiKey is no key")]
    public async Task A_host_does_not_start_with_a_setting_that_cannot_be_used(string? url, string? grpcUrl, string key, string said)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddZohoPlatform(options =>
        {
            options.Url = url is null ? null : new Uri(url, UriKind.RelativeOrAbsolute);
            options.GrpcUrl = grpcUrl is null ? null : new Uri(grpcUrl, UriKind.RelativeOrAbsolute);
            options.ApiKey = key;
        });
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.StartsWith($"Zoho platform: {said}", Assert.Single(refused.Failures), StringComparison.Ordinal);
        Assert.False(!string.IsNullOrWhiteSpace(key) && refused.Message.Contains(key.Trim(), StringComparison.Ordinal), refused.Message);
    }

    [Fact]
    public async Task The_rest_client_calls_with_the_key_also_under_a_path_and_where_it_was_added_twice()
    {
        await using var gateway = await PlayedGateway.StartAsync();
        gateway.On("GET /platform/api/v1/connections", new { connections = Array.Empty<object>() });
        var services = new ServiceCollection();
        services.AddZohoPlatform(options => options.ApiKey = Key);
        services.AddZohoPlatform(options => options.Url = new Uri(gateway.Url, "/platform"));
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var client = provider.GetRequiredService<PlatformClient>();

        Assert.Empty(await client.Connections.ListAsync());
        Assert.Same(client, Assert.Single(provider.GetServices<PlatformClient>()));
    }

    [Fact]
    public void Each_contract_with_a_public_method_has_its_client_and_no_other()
    {
        var services = new ServiceCollection();
        services.AddZohoPlatform(_ => { });
        var added = services.Select(service => service.ServiceType)
            .Where(type => type.IsSubclassOf(typeof(ClientBase)))
            .Select(type => type.DeclaringType!.FullName!)
            .ToArray();
        var open = typeof(PublicReflection).Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static))
            .Where(property => property?.PropertyType == typeof(FileDescriptor))
            .SelectMany(property => ((FileDescriptor)property!.GetValue(null)!).Services)
            .Where(service => service.Methods.Any(method => method.GetOptions()?.GetExtension(PublicExtensions.Public) == true))
            .Select(service => $"{service.File.GetOptions().CsharpNamespace}.{service.Name}")
            .ToArray();

        Assert.NotEmpty(open);
        Assert.Equal(open.Order(StringComparer.Ordinal), added.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_grpc_client_without_an_address_says_which_setting_it_misses()
    {
        var services = new ServiceCollection();
        services.AddZohoPlatform(options => (options.Url, options.ApiKey) = (new Uri("https://platform.example.com"), Key));
        using var provider = services.BuildServiceProvider();

        var refused = Assert.Throws<InvalidOperationException>(
            () => provider.GetRequiredService<Contracts.Tokens.V1.Connections.ConnectionsClient>());

        Assert.Contains("GrpcUrl is not set", refused.Message, StringComparison.Ordinal);
    }
}
