using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.ServiceDefaults.Tests;

public sealed class ServiceClientsTests : IAsyncLifetime
{
    private const string TicketKey = "ZmFrZS10aWNrZXQta2V5LW9mLXRoaXJ0eS10d28tYnl0ZXM=";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly List<Replica> _replicas = [];
    private IHost? _caller;

    [Fact]
    public async Task Replicas_are_called_in_turn_and_one_that_dies_costs_no_call()
    {
        await StartAsync(3);
        var client = Call(_replicas);
        await AskAsync(client, 9);
        Assert.Equal([3, 3, 3], _replicas.Select(replica => replica.Calls));

        await _replicas[1].App.StopAsync();
        await AskAsync(client, 12);

        Assert.Equal(3, _replicas[1].Calls);
        Assert.Equal(18, _replicas[0].Calls + _replicas[2].Calls);
        Assert.All([_replicas[0], _replicas[2]], replica => Assert.InRange(replica.Calls, 6, 12));
    }

    [Fact]
    public async Task A_replica_that_the_configuration_gains_is_called_and_one_that_it_loses_is_not()
    {
        await StartAsync(2);
        var client = Call(_replicas[..1]);
        await AskAsync(client, 2);

        var configuration = _caller!.Services.GetRequiredService<IConfiguration>();
        configuration["services:echo:grpc:0"] = _replicas[1].App.Urls.Single();
        ((IConfigurationRoot)configuration).Reload();
        await AskAsync(client, 2);

        Assert.Equal([2, 2], _replicas.Select(replica => replica.Calls));
    }

    [Theory]
    [InlineData("services:echo:grpc:0", null)]
    [InlineData("services:echo:grpc:0", "echo")]
    [InlineData("services:echo:grpc:1", "ftp://echo")]
    public void A_missing_or_wrong_address_stops_the_start(string setting, string? value)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["services:echo:grpc:0"] = "http://127.0.0.1:1";
        builder.Configuration[setting] = value;

        var failure = Assert.Throws<InvalidOperationException>(() => builder.AddServiceClient<Health.HealthClient>("echo"));
        Assert.Contains("services:echo:grpc:0", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_open_and_reflection_is_closed_unless_it_is_asked_for_and_then_wants_a_ticket()
    {
        await StartAsync(1);
        await StartAsync(1, ("Grpc:Reflection", "true"));
        var tickets = _replicas[0].App.Services.GetRequiredService<Tickets>();
        var ticket = tickets.For(new Caller(new TenantId(Guid.NewGuid()), Role.Admin, "test"));

        await AskAsync(Call(_replicas), 2);

        Assert.Equal(StatusCode.Unimplemented, await ReflectAsync(_replicas[0], ticket));
        Assert.Equal(StatusCode.Unauthenticated, await ReflectAsync(_replicas[1], []));
        Assert.Equal(StatusCode.OK, await ReflectAsync(_replicas[1], ticket));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _caller?.Dispose();

        foreach (var replica in _replicas)
        {
            await replica.App.DisposeAsync();
        }
    }

    private static async Task AskAsync(Health.HealthClient client, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            var response = await client.CheckAsync(new()).ResponseAsync.WaitAsync(Limit);
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, response.Status);
        }
    }

    private static async Task<StatusCode> ReflectAsync(Replica replica, Metadata headers)
    {
        using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress(replica.App.Urls.Single());
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(headers);
        await call.RequestStream.CompleteAsync();

        try
        {
            await call.ResponseStream.MoveNext().WaitAsync(Limit);
            return call.GetStatus().StatusCode;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private async Task StartAsync(int count, params (string Name, string Value)[] settings)
    {
        for (var i = 0; i < count; i++)
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
            builder.Logging.ClearProviders();
            builder.Configuration["Tickets:Key"] = TicketKey;
            builder.WebHost.UseUrls("http://127.0.0.1:0")
                .ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));

            foreach (var (name, value) in settings)
            {
                builder.Configuration[name] = value;
            }

            builder.AddServiceDefaults();
            builder.AddGrpcServer();
            var replica = new Replica(builder.Build());
            replica.App.Use(next => context =>
            {
                replica.Calls++;
                return next(context);
            });
            replica.App.MapDefaultEndpoints();
            await replica.App.StartAsync();
            _replicas.Add(replica);
        }
    }

    private Health.HealthClient Call(IEnumerable<Replica> replicas)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);

        foreach (var (n, replica) in replicas.Index())
        {
            builder.Configuration[$"services:echo:grpc:{n}"] = replica.App.Urls.Single();
        }

        builder.AddServiceClient<Health.HealthClient>("echo");
        _caller = builder.Build();
        return _caller.Services.GetRequiredService<Health.HealthClient>();
    }

    private sealed class Replica(WebApplication app)
    {
        public WebApplication App { get; } = app;

        public int Calls { get; set; }
    }
}
