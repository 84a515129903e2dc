using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>A connection string as the platform uses it, whoever logs in with it.</summary>
internal sealed class StorageConnection
{
    /// <exception cref="InvalidOperationException">The connection string is missing or unusable; the message names the setting.</exception>
    public StorageConnection(string name, string connectionString)
    {
        if (string.IsNullOrEmpty(connectionString))
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} is missing: set it to the PostgreSQL database of this service.");
        }

        Builder = new NpgsqlConnectionStringBuilder(connectionString);
        if (string.IsNullOrEmpty(Builder.Database))
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} names no Database.");
        }

        if (Builder.NoResetOnClose)
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{name} says No Reset On Close: pooled connections would keep another tenant's identity. Remove it.");
        }

        // the last word counts: other options of the connection string stay
        Builder.PinSession($"{Builder.Options} -c search_path=public".TrimStart());
        // what a service has of the server's connections is shared by its two pools
        var most = Builder.MaxPoolSize;
        Builder.MaxPoolSize = Math.Max(1, most - OfStatements(most));
        // a failed command must not tell a log what was in the row
        Builder.IncludeErrorDetail = false;
        (Name, Database) = (name, Builder.Database);
        WithoutReset = new NpgsqlConnectionStringBuilder(Builder.ConnectionString)
        {
            NoResetOnClose = true,
            MaxPoolSize = OfStatements(most),
        }.ConnectionString;
    }

    /// <summary>The setting's: <c>ConnectionStrings:{Name}</c>.</summary>
    public string Name { get; }

    public string Database { get; }

    public string OwnerRole => $"{Database}_owner";

    public string ServiceRole => $"{Database}_service";

    public NpgsqlConnectionStringBuilder Builder { get; }

    /// <summary>For <see cref="TenantStatements"/>, whose connections never have anything to forget, and are held for a statement's time.</summary>
    public string WithoutReset { get; }

    private static int OfStatements(int most) => Math.Max(1, most / 4);
}
