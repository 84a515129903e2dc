using System.Net.Http.Json;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>Buttons of the dashboard that make trouble on purpose, and take it back.</summary>
internal static class DashboardCommands
{
    /// <summary>What Zoho may do to a company on any day, on the simulator.</summary>
    public static IResourceBuilder<ProjectResource> WithTrouble(this IResourceBuilder<ProjectResource> simulator) => simulator
        .WithControl(simulator, "zoho-down", "Zoho down", HttpMethod.Put, "down", new { mode = "unavailable" }, "PlugDisconnected",
            description: "Every host answers 503 until Zoho is up again.")
        .WithControl(
            simulator, "zoho-up", "Zoho up (ends all trouble)", HttpMethod.Delete, "trouble", body: null, "PlugConnected",
            description: "Ends the outage, the faults and the locks; the world stays as it is.")
        .WithControl(
            simulator, "crm-down", "CRM down", HttpMethod.Post, "faults", new { kind = "html502", host = "www.zohoapis.*", path = "/crm/*" }, "CloudDismiss",
            description: "Zoho CRM alone answers 502 until Zoho is up again: messages are stored and wait.")
        .WithControl(
            simulator, "throttle", "Throttle accounts (5 calls)", HttpMethod.Post, "faults", new { kind = "throttle", host = "accounts.*", times = 5 },
            "TopSpeed", description: "The next five calls for tokens are refused as Zoho refuses too many: registrations wait longer each time.")
        .WithControl(
            simulator, "lock-campaigns", "Lock Campaigns", HttpMethod.Put, "quotas",
            new { method = "listsubscribe", windows = new[] { new { calls = 0, seconds = 60 } } }, "LockClosed",
            description: "Adding contacts is refused and locked for half an hour at a time, until Zoho is up again.")
        .WithControl(
            simulator, "reset-world", "Reset the world", HttpMethod.Post, "reset", body: null, "ArrowReset",
            "Every list, contact and token of the simulator is as at its first start. Connections made since then must be made again.");

    /// <summary>Every access token ends at Zoho, as if its hour were over: the next use of each finds out and refreshes it.</summary>
    public static IResourceBuilder<ProjectResource> WithExpireTokens(
        this IResourceBuilder<ProjectResource> tokens, IResourceBuilder<ProjectResource> simulator) => tokens.WithControl(
            simulator, "expire-access-tokens", "Expire all access tokens", HttpMethod.Post, "tokens/kill", new { kind = "access" }, "Timer");

    private static IResourceBuilder<ProjectResource> WithControl(
        this IResourceBuilder<ProjectResource> resource, IResourceBuilder<ProjectResource> simulator, string name, string displayName,
        HttpMethod method, string control, object? body, string icon, string? confirm = null, string? description = null) =>
        resource.WithHttpCommand(
            $"/_simulator/{control}",
            displayName,
            () => simulator.GetEndpoint("http"),
            commandName: name,
            commandOptions: new HttpCommandOptions
            {
                Method = method,
                PrepareRequest = context =>
                {
                    context.Request.Content = body is null ? null : JsonContent.Create(body);
                    return Task.CompletedTask;
                },
                ConfirmationMessage = confirm,
                Description = description,
                IsHighlighted = name is "zoho-down" or "zoho-up",
                IconName = icon,
            });
}
