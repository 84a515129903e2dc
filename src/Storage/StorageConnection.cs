using System.Runtime.InteropServices;
using Npgsql;

namespace ZohoPlatform.Storage;

/// <summary>How many connections a pool for contexts has, and one for statements.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PoolSizes(int Contexts, int Statements)
{
    /// <summary>A quarter is for statements, which hold one for as long as they run.</summary>
    public static PoolSizes Of(int most)
    {
        var statements = Math.Max(1, most / 4);
        return new PoolSizes(most - statements, statements);
    }
}

/// <summary>A connection string as the platform uses it, whoever logs in with it.</summary>
internal sealed class StorageConnection
{
    // one each for requests' contexts and statements, for those of work, and the one that listens
    private const int Fewest = 5;

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
        if (Builder.MaxPoolSize < Fewest)
        {
            throw new InvalidOperationException(
                $"ConnectionStrings:{name} says Maximum Pool Size={Builder.MaxPoolSize}: a service needs {Fewest}, since its requests and its "
                    + "workers have connections of their own.");
        }

        // work takes turns and can wait a little, requests come all at once
        var work = Math.Max(Fewest - 2, Builder.MaxPoolSize / 3);
        (Requests, Work) = (PoolSizes.Of(Builder.MaxPoolSize - work), PoolSizes.Of(work));
        // a failed command must not tell a log what was in the row
        Builder.IncludeErrorDetail = false;
        (Name, Database) = (name, Builder.Database);
    }

    /// <summary>The setting's: <c>ConnectionStrings:{Name}</c>.</summary>
    public string Name { get; }

    public string Database { get; }

    public string OwnerRole => $"{Database}_owner";

    public string ServiceRole => $"{Database}_service";

    public NpgsqlConnectionStringBuilder Builder { get; }

    /// <summary>What requests have of the connections that the setting allows.</summary>
    public PoolSizes Requests { get; }

    /// <summary>What all else has of them.</summary>
    public PoolSizes Work { get; }
}
