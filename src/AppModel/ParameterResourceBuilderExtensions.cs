using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runtime;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Values that come from outside.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Configuration <c>Parameters:{name}</c> has the value; without it the launch fails and names the setting.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.Add(name, null, secret, persist: false);

    /// <summary>A value that configuration <c>Parameters:{name}</c> can replace.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.Add(name, new ConstantParameterDefault(() => value), secret, persist: false);

    /// <summary>A default that configuration <c>Parameters:{name}</c> can replace.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Where the value comes from when configuration has none.</param>
    /// <param name="secret">Never shown.</param>
    /// <param name="persist">Kept for later launches. The published packages keep it in the user secrets, this runtime in
    /// <c>parameters.json</c> (mode 0600) of its state folder.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        builder.Add(name, value, secret, persist);

    /// <summary>A connection string from configuration <c>ConnectionStrings:{name}</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
        builder.AddResource(new ConnectionStringParameterResource(
            name,
            _ => builder.Configuration.GetConnectionString(name) is { Length: > 0 } value
                ? value
                : throw new MissingParameterValueException(
                    $"Set ConnectionStrings:{name} (or ConnectionStrings__{name} in the environment)."),
            environmentVariableName));

    internal static ParameterResource CreatePassword(IDistributedApplicationBuilder builder, string name) =>
        Create(builder, name, new GenerateParameterDefault { MinLength = 24, Special = false }, secret: true, persist: true);

    private static IResourceBuilder<ParameterResource> Add(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault? value, bool secret, bool persist) =>
        builder.AddResource(Create(builder, name, value, secret, persist));

    private static ParameterResource Create(
        IDistributedApplicationBuilder builder, string name, ParameterDefault? value, bool secret, bool persist) =>
        new(name, fallback => builder.Configuration[$"Parameters:{name}"] is { Length: > 0 } configured
            ? configured
            : fallback switch
            {
                null => throw new MissingParameterValueException(
                    $"Parameter '{name}' has no value: set Parameters:{name} (or Parameters__{name} in the environment)."),
                _ when persist => builder.State().GetOrAddParameter(name, fallback.GetDefaultValue),
                _ => fallback.GetDefaultValue(),
            },
            secret)
        {
            Default = value,
        };

    internal static StateFolder State(this IDistributedApplicationBuilder builder) =>
        (StateFolder)builder.Services.First(s => s.ServiceType == typeof(StateFolder)).ImplementationInstance!;
}
