using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using StackExchange.Redis;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>The button <em>Reset state</em>: every database and the cache as before the first launch, without ending this one.</summary>
internal static class StateReset
{
    public const string CommandName = "reset-state";

    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(1);

    public static void WithResetCommand(
        this IResourceBuilder<IResourceWithConnectionString> postgres,
        IReadOnlyList<ServiceDatabase> databases,
        IResourceWithConnectionString redis,
        IReadOnlyList<IResource> users) => postgres.WithCommand(
            CommandName,
            "Reset state",
            async context =>
            {
                try
                {
                    await ResetAsync(postgres.Resource, databases, redis, users, context);
                    return CommandResults.Success();
                }
                catch (Exception e) when (e is NpgsqlException or RedisException or LaunchException)
                {
                    return CommandResults.Failure(
                        $"{e.Message} Some of the state may be gone: press it again once {postgres.Resource.Name} and {redis.Name} are healthy.");
                }
            },
            new CommandOptions
            {
                ConfirmationMessage =
                    "Every tenant, connection, key, job and record of the platform goes, and cannot be brought back. The services stop meanwhile; "
                    + "the demo tenant is made anew.",
                IconName = "DatabaseArrowRight",
                UpdateState = context => context.ResourceSnapshot.HealthStatus is HealthStatus.Healthy
                    ? ResourceCommandState.Enabled
                    : ResourceCommandState.Disabled,
            });

    private static async Task ResetAsync(
        IResourceWithConnectionString postgres,
        IReadOnlyList<ServiceDatabase> databases,
        IResourceWithConnectionString redis,
        IReadOnlyList<IResource> users,
        ExecuteCommandContext context)
    {
        var ct = context.CancellationToken;
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        var commands = context.Services.GetRequiredService<ResourceCommandService>();
        try
        {
            await Task.WhenAll(users.Select(StopAsync));
            await using var server = NpgsqlDataSource.Create(await ConnectionStringAsync(postgres));
            foreach (var database in databases.Select(database => database.Name))
            {
                // FORCE: a person may look into it with psql
                await ExecuteAsync(server, $"DROP DATABASE IF EXISTS \"{database}\" WITH (FORCE)");
                await ExecuteAsync(server, $"CREATE DATABASE \"{database}\"");
            }

            await using var cache = await ConnectionMultiplexer.ConnectAsync($"{await ConnectionStringAsync(redis)},allowAdmin=true");
            foreach (var endpoint in cache.GetServers())
            {
                await endpoint.FlushAllDatabasesAsync();
            }
        }
        finally
        {
            // also where it failed: they run on what is left; the services wait for their migrations
            foreach (var user in databases.Select(database => database.Migration.Resource).Concat(users))
            {
                await StartAsync(user);
            }
        }

        async Task StopAsync(IResource user)
        {
            if (IsStopped(user))
            {
                return;
            }

            var stopped = await commands.ExecuteCommandAsync(user, KnownResourceCommands.StopCommand, ct);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(StopLimit);
            try
            {
                await notifications.WaitForResourceAsync(user.Name, KnownResourceStates.TerminalStates, limit.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                throw new LaunchException($"{user.Name} did not stop. {stopped.Message}".TrimEnd() + " Nothing was cleared.");
            }
        }

        async Task StartAsync(IResource user)
        {
            var started = await commands.ExecuteCommandAsync(user, KnownResourceCommands.StartCommand, CancellationToken.None);
            if (!started.Success && IsStopped(user))
            {
                throw new LaunchException($"{user.Name} could not be started again ({started.Message}): start it here.");
            }
        }

        bool IsStopped(IResource user) =>
            notifications.TryGetCurrentState(user.Name, out var current)
            && KnownResourceStates.TerminalStates.Contains(current.Snapshot.State?.Text, StringComparer.Ordinal);

        async Task<string> ConnectionStringAsync(IResourceWithConnectionString resource) =>
            await resource.GetConnectionStringAsync(ct) ?? throw new LaunchException($"{resource.Name} has no address yet.");

        async Task ExecuteAsync(NpgsqlDataSource server, string sql)
        {
            await using var command = server.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(ct);
        }
    }
}
